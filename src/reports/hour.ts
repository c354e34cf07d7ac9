// Cost per hour of the zone's clock, with its distance from UTC: an autumn night has one hour twice.
import { HOUR_MS } from '../domain/time.ts';
import { localText } from './local-time.ts';
import type { Report } from './report.ts';

export const hourReport: Report = {
  name: 'hour',
  title: 'Hour',
  aliases: ['hourly'],
  reads: ['hour'],
  order: 'time',
  isPlain: true,
  groups: ({ zone, read }) => {
    return (sum) => localText(zone, Number(read(sum, 'hour')));
  },
  windowOf: (group) => ({ startAt: Date.parse(group), endAt: Date.parse(group) + HOUR_MS }),
};
