// Cost per week of the zone, named by its Monday.

import { dateText, dayOfDate, dayStart } from './local-time.ts';
import type { Report } from './report.ts';

/** Day 0 of 1970 was a Thursday. */
const mondayOf = (day: number): number => day - ((((day + 3) % 7) + 7) % 7);

export const weekReport: Report = {
  name: 'week',
  title: 'Week from',
  aliases: ['weekly'],
  reads: ['day'],
  order: 'time',
  groups:
    ({ read }) =>
    (sum) =>
      dateText(mondayOf(Number(read(sum, 'day')))),
  windowOf: (group, zone) => ({
    startAt: dayStart(zone, dayOfDate(group)),
    endAt: dayStart(zone, dayOfDate(group) + 7),
  }),
};
