// Cost per window of a plan: five-hour blocks and weeks. Rule: where Claude Code has told when a window resets, that counts. Else a block begins with
// the hour (UTC) of its first request and lasts five hours, and the first request after that, or after a pause of more than five hours, begins the
// next one; a week lies whole weeks from a reset that is known. The ledger's sums are of hours: an hour belongs to the window of its first request.
import { DAY_MS, type EpochMs, HOUR_MS } from '../domain/time.ts';
import type { Frame, Report } from './report.ts';

const BLOCK_MS = 5 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/** The report of five-hour blocks; `ends`: when windows reset, oldest first, as far as Claude Code has told. */
export const blockReportFrom = (ends: readonly EpochMs[]): Report =>
  windowReport(
    { name: 'block', title: 'Block from', aliases: ['blocks'] },
    BLOCK_MS,
    ends,
    blockStarts,
  );

/** The same of the plan's weeks. */
export const planWeekReportFrom = (ends: readonly EpochMs[]): Report =>
  windowReport(
    { name: 'plan-week', title: 'Plan week from', aliases: ['plan-weeks'] },
    ...([WEEK_MS, ends, weekStarts] as const),
  );

/** An hour with spend. */
interface Hour {
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}
type Hours = ReadonlyMap<EpochMs, Hour>;
type StartsOf = (
  hours: Hours,
  known: (at: EpochMs) => EpochMs | null,
  ends: readonly EpochMs[],
) => ReadonlyMap<EpochMs, EpochMs>;

function windowReport(
  words: Pick<Report, 'name' | 'title' | 'aliases'>,
  lengthMs: number,
  ends: readonly EpochMs[],
  startsOf: StartsOf,
): Report {
  const known = (at: EpochMs) => {
    const endAt = ends.find((end) => end > at && end - lengthMs <= at);
    return endAt === undefined ? null : endAt - lengthMs;
  };
  const starts = new Set(ends.map((end) => instantText(end - lengthMs)));
  return {
    ...words,
    reads: ['utcHour'],
    order: 'time',
    needsPast: true,
    groups: (frame) => {
      const found = startsOf(hoursOf(frame), known, ends);
      return (sum) => {
        const startAt = found.get(Number(frame.read(sum, 'utcHour')));
        return startAt === undefined ? '' : instantText(startAt);
      };
    },
    windowOf: (group) => ({ startAt: Date.parse(group), endAt: Date.parse(group) + lengthMs }),
    ...(ends.length > 0 && { isResetKnown: (group: string) => starts.has(group) }),
  };
}

const instantText = (at: EpochMs): string => new Date(at).toISOString().replace(':00.000Z', 'Z');

/** The hours in which there was spend, in order. */
function hoursOf({ sums, read }: Frame): Hours {
  const hours = new Map<EpochMs, Hour>();
  for (const sum of sums) {
    const hour = Number(read(sum, 'utcHour'));
    const known = hours.get(hour);
    hours.set(hour, {
      firstAt: Math.min(known?.firstAt ?? sum.firstAt, sum.firstAt),
      lastAt: Math.max(known?.lastAt ?? sum.lastAt, sum.lastAt),
    });
  }
  return new Map([...hours].sort(([a], [b]) => a - b));
}

const blockStarts: StartsOf = (hours, known) => {
  const starts = new Map<EpochMs, EpochMs>();
  let startAt = Number.NEGATIVE_INFINITY;
  let lastAt = Number.NEGATIVE_INFINITY;
  let isKnown = false;
  for (const [hour, times] of hours) {
    const told = known(times.firstAt);
    if (told !== null) startAt = told;
    // What Claude Code has told of has ended where it has told, and an estimate begins anew behind it.
    else if (isKnown || hour >= startAt + BLOCK_MS || times.firstAt - lastAt > BLOCK_MS)
      startAt = hour;
    isKnown = told !== null;
    lastAt = times.lastAt;
    starts.set(hour, startAt);
  }
  return starts;
};

const weekStarts: StartsOf = (hours, known, ends) => {
  const [firstHour] = hours.keys();
  const anchors = ends.length > 0 ? ends : [firstHour ?? 0];
  return new Map(
    [...hours].map(([hour, { firstAt }]) => {
      const anchor = anchors.find((end) => end > firstAt) ?? anchors.at(-1) ?? 0;
      const weeks = Math.ceil((anchor - firstAt) / WEEK_MS);
      const counted = anchor - weeks * WEEK_MS;
      return [hour, known(firstAt) ?? counted];
    }),
  );
};

export const blockReport = blockReportFrom([]);
export const planWeekReport = planWeekReportFrom([]);

/** A report by windows of a plan with the resets that were told; any other as it is. */
export function withResets(
  report: Report,
  readEnds: (window: 'five-hour' | 'seven-day') => readonly EpochMs[],
): Report {
  if (report.name === blockReport.name) return blockReportFrom(readEnds('five-hour'));
  return report.name === planWeekReport.name ? planWeekReportFrom(readEnds('seven-day')) : report;
}
