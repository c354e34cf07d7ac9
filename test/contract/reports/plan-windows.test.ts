// Blocks and weeks by the resets that Claude Code has told, and by their requests where it has not.
import { expect, test } from 'vitest';
import type { GroupSums } from '../../../src/domain/aggregates.ts';
import { NO_USAGE } from '../../../src/domain/usage.ts';
import { blockReportFrom, planWeekReportFrom } from '../../../src/reports/block.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(`2026-11-${text}Z`);

function groupsOf(report: ReturnType<typeof blockReportFrom>, times: readonly number[]) {
  const sums = times.map(
    (time): GroupSums => ({
      ...{
        key: [Math.floor(time / HOUR) * HOUR],
        requestCount: 1,
        unknownCount: 0,
        costNanoUsd: 1,
      },
      ...{ usage: NO_USAGE, firstAt: time, lastAt: time },
    }),
  );
  const read = (sum: GroupSums) => sum.key[0] ?? null;
  const zone = { timeZone: 'UTC', shifts: [{ fromAt: 0, shiftMs: 0 }] };
  const group = report.groups({ zone, sums, read });
  return sums.map((sum) => group(sum));
}

test('a block that was told cuts those that are counted', () => {
  const report = blockReportFrom([at('20T14:30')]);
  const times = ['20T07:10', '20T09:05', '20T09:40', '20T14:10', '20T15:20'].map(at);
  // 09:05 is before the told window begins, 14:10 in it, 15:20 behind it.
  expect(groupsOf(report, [times[0], times[1], times[3], times[4]] as number[])).toEqual([
    ...['2026-11-20T07:00Z', '2026-11-20T07:00Z', '2026-11-20T09:30Z', '2026-11-20T15:00Z'],
  ]);
  expect(report.isResetKnown?.('2026-11-20T09:30Z')).toBe(true);
  expect(report.isResetKnown?.('2026-11-20T07:00Z')).toBe(false);
  expect(blockReportFrom([]).isResetKnown).toBeUndefined();
});

test('weeks lie whole weeks from a reset that is known, before it and after it', () => {
  const end = at('18T09:00');
  const times = [end - 15 * DAY, end - 8 * DAY, end - 1, end, end + 6 * DAY, end + 8 * DAY];
  const days = [-21, -14, -7, 0, 0, 7].map((day) => end + day * DAY);
  const names = days.map((day) => new Date(day).toISOString().replace(':00.000Z', 'Z'));
  expect(groupsOf(planWeekReportFrom([end]), times)).toEqual(names);
});
