// Cost per week of the zone, named by its first day: a Monday, unless another day is asked for.
import { dateText, dayOfDate, dayStart } from './local-time.ts';
import type { Report } from './report.ts';

/** Days on which a week may begin, in the order in which 1970 had them: its day 0 was a Thursday. */
export const WEEK_STARTS = [
  'thursday',
  'friday',
  'saturday',
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
] as const;
export type WeekStart = (typeof WEEK_STARTS)[number];

/** The report of weeks that begin on a day. */
export function weekReportFrom(start: WeekStart): Report {
  const offset = WEEK_STARTS.indexOf(start);
  const firstOf = (day: number): number => day - ((((day - offset) % 7) + 7) % 7);
  return {
    name: 'week',
    title: 'Week from',
    aliases: ['weekly'],
    reads: ['day'],
    order: 'time',
    groups:
      ({ read }) =>
      (sum) =>
        dateText(firstOf(Number(read(sum, 'day')))),
    windowOf: (group, zone) => ({
      startAt: dayStart(zone, dayOfDate(group)),
      endAt: dayStart(zone, dayOfDate(group) + 7),
    }),
  };
}

export const weekReport = weekReportFrom('monday');
