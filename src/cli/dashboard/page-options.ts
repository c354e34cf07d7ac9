// What pages may ask of commands, the same for a machine and for a team.
import type { PageAnswer } from '../../dashboard/dashboard.ts';

export const json = (value: unknown): PageAnswer => ({
  type: 'application/json',
  body: JSON.stringify(value),
});

export const REPORT_OPTIONS = {
  single: ['by', 'since', 'until', 'top', 'weekStart'],
  repeated: ['where'],
} as const;
