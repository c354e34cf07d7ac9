// Cost per calendar month of the zone.

import { dateText, dayOfDate, dayStart } from './local-time.ts';
import type { Report } from './report.ts';

export const monthReport: Report = {
  name: 'month',
  title: 'Month',
  aliases: ['monthly'],
  reads: ['day'],
  order: 'time',
  groups:
    ({ read }) =>
    (sum) =>
      dateText(Number(read(sum, 'day'))).slice(0, 7),
  windowOf: (group, zone) => {
    const first = dayOfDate(`${group}-01`);
    const next = dateText(first + 31).slice(0, 7);
    return { startAt: dayStart(zone, first), endAt: dayStart(zone, dayOfDate(`${next}-01`)) };
  },
};
