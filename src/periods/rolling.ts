// The last so-many hours. Rule: the window ends with the moment itself, so it has no next one.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import type { EndlessPeriod } from './period.ts';

export function rollingPeriod(lengthMs: number): EndlessPeriod {
  return {
    key: `rolling:${lengthMs}`,
    moves: true,
    windowAt: (at) => ({
      startAt: at - lengthMs,
      endAt: Number.POSITIVE_INFINITY,
      label: `last ${lengthOf(lengthMs)}`,
    }),
  };
}

function lengthOf(ms: number): string {
  if (ms % DAY_MS === 0) return plural(ms / DAY_MS, 'day');
  if (ms % HOUR_MS === 0) return plural(ms / HOUR_MS, 'hour');
  return plural(Math.round(ms / MINUTE_MS), 'minute');
}

const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
