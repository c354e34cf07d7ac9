// Cost per five-hour block, as the provider counts its usage windows. Rule: a block begins with the hour (UTC)
// of its first request and lasts five hours; the first request after that, or after a pause of more than
// five hours, begins the next one.
import { type EpochMs, HOUR_MS } from '../domain/time.ts';
import type { Frame, Report } from './report.ts';

const BLOCK_MS = 5 * HOUR_MS;

export const blockReport: Report = {
  name: 'block',
  title: 'Block from',
  aliases: ['blocks'],
  reads: ['utcHour'],
  order: 'time',
  needsPast: true,
  groups: (frame) => {
    const starts = blockStarts(frame);
    return (sum) => starts.get(Number(frame.read(sum, 'utcHour'))) ?? '';
  },
  windowOf: (group) => ({ startAt: Date.parse(group), endAt: Date.parse(group) + BLOCK_MS }),
};

const instantText = (at: EpochMs): string => new Date(at).toISOString().replace(':00.000Z', 'Z');

/** The block of each hour in which there was spend. Blocks begin and end on hours, so none cuts one in two. */
function blockStarts({ sums, read }: Frame): ReadonlyMap<EpochMs, string> {
  const hours = new Map<EpochMs, { firstAt: EpochMs; lastAt: EpochMs }>();
  for (const sum of sums) {
    const hour = Number(read(sum, 'utcHour'));
    const known = hours.get(hour);
    if (known === undefined) {
      hours.set(hour, sum);
      continue;
    }
    hours.set(hour, {
      firstAt: Math.min(known.firstAt, sum.firstAt),
      lastAt: Math.max(known.lastAt, sum.lastAt),
    });
  }
  const starts = new Map<EpochMs, string>();
  let name = '';
  let startAt = Number.NEGATIVE_INFINITY;
  let lastAt = Number.NEGATIVE_INFINITY;
  for (const [hour, times] of [...hours].sort(([a], [b]) => a - b)) {
    if (hour >= startAt + BLOCK_MS || times.firstAt - lastAt > BLOCK_MS) {
      startAt = hour;
      name = instantText(startAt);
    }
    lastAt = times.lastAt;
    starts.set(hour, name);
  }
  return starts;
}
