// Cost per session, by the agent's own id.
import { labelReport } from './label-report.ts';
import type { Report } from './report.ts';

export const sessionReport: Report = {
  ...labelReport('session', 'session', 'Session', ['sessions']),
  isId: true,
};
