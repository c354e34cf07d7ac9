// All periods that the clock alone decides. Sessions, turns and subagents are windows by their ids.
import type { PeriodSpec } from '../domain/budget.ts';
import { calendarPeriod, datesPeriod } from './calendar.ts';
import type { Period } from './period.ts';
import { rollingPeriod } from './rolling.ts';

const FOREVER: Period = {
  key: 'forever',
  moves: false,
  windowAt: () => ({
    startAt: 0,
    endAt: Number.POSITIVE_INFINITY,
    label: 'all time',
  }),
};

/** The period a spec names; `null` for those whose windows are named by an id. */
export function periodOf(spec: PeriodSpec): Period | null {
  switch (spec.kind) {
    case 'day':
    case 'week':
    case 'month':
      return calendarPeriod(spec.kind, spec.timeZone);
    case 'rolling':
      return rollingPeriod(spec.lengthMs);
    case 'dates':
      return datesPeriod(spec.from, spec.until, spec.timeZone);
    case 'forever':
      return FOREVER;
    default:
      return null;
  }
}
