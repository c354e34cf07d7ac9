// Cost per calendar day of the zone.

import { dateText, dayOfDate, dayStart } from './local-time.ts';
import type { Report } from './report.ts';

export const dayReport: Report = {
  name: 'day',
  title: 'Day',
  aliases: ['daily', 'date'],
  reads: ['day'],
  order: 'time',
  isPlain: true,
  groups:
    ({ read }) =>
    (sum) =>
      dateText(Number(read(sum, 'day'))),
  windowOf: (group, zone) => ({
    startAt: dayStart(zone, dayOfDate(group)),
    endAt: dayStart(zone, dayOfDate(group) + 1),
  }),
};
