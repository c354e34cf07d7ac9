// What Claude Code says of the plan's limits: read in its own form, told where it has another.
import { expect, test } from 'vitest';
import { parseRateLimits } from '../../../../../src/agents/claude-code/events/rate-limits.ts';

const NOW = Date.parse('2026-11-28T10:00:00Z');
const RESET = Date.parse('2026-11-28T12:00:00Z');
const seconds = RESET / 1_000;
const fiveHour = (fields: Record<string, unknown>) =>
  parseRateLimits({ five_hour: { used_percentage: 42, resets_at: seconds, ...fields } }, NOW);
const codes = (value: unknown) => parseRateLimits(value, NOW).problems.map(({ code }) => code);

test('both windows, and one of a family of models', () => {
  const week = Date.parse('2026-12-02T09:00:00Z');
  const field = { used_percentage: 28.999999999999996, resets_at: week / 1_000 };
  const read = parseRateLimits(
    {
      five_hour: { used_percentage: 0, resets_at: seconds },
      seven_day: field,
      seven_day_opus: field,
    },
    NOW,
  );
  expect(read).toEqual({
    limits: [
      { window: 'five-hour', usedRatio: 0, resetsAt: RESET },
      { window: 'seven-day', usedRatio: 0.29, resetsAt: week },
      { window: 'seven-day:opus', usedRatio: 0.29, resetsAt: week },
    ],
    problems: [],
  });
});

test.each([
  undefined,
  null,
  {},
  [],
  'text',
  7,
  { five_hour: null },
  { spend_limit: { used_usd: 1 } },
])('%j says nothing, and nothing is wrong with it', (value) => {
  expect(parseRateLimits(value, NOW)).toEqual({ limits: [], problems: [] });
});

test.each<[Record<string, unknown>, number, number, string | undefined]>([
  [{ used_percentage: '72.5' }, 0.725, RESET, 'NUMBER_AS_TEXT'],
  [{ used_percentage: '72%' }, 0.72, RESET, 'NUMBER_AS_TEXT'],
  [{ used_percentage: 104 }, 1.04, RESET, 'SHARE_ABOVE_ALL'],
  [{ resets_at: String(seconds) }, 0.42, RESET, 'NUMBER_AS_TEXT'],
  [{ resets_at: RESET }, 0.42, RESET, undefined],
  [{ resets_at: new Date(RESET).toISOString() }, 0.42, RESET, undefined],
])('%j is read as it is meant', (fields, usedRatio, resetsAt, problem) => {
  const { limits, problems } = fiveHour(fields);
  expect(limits).toEqual([{ window: 'five-hour', usedRatio, resetsAt }]);
  expect(problems.map(({ code }) => code)).toEqual(problem === undefined ? [] : [problem]);
});

test.each<[Record<string, unknown>, string]>([
  [{ used_percentage: undefined }, 'SHARE_MISSING'],
  [{ used_percentage: 'much' }, 'SHARE_UNREADABLE'],
  [{ used_percentage: -1 }, 'SHARE_UNREADABLE'],
  [{ used_percentage: 1e9 }, 'SHARE_UNREADABLE'],
  [{ used_percentage: Number.NaN }, 'SHARE_UNREADABLE'],
  [{ resets_at: undefined }, 'RESET_MISSING'],
  [{ resets_at: 'soon' }, 'RESET_UNREADABLE'],
  [{ resets_at: 0 }, 'RESET_UNREADABLE'],
  [{ resets_at: NOW / 1_000 }, 'RESET_PASSED'],
  [{ resets_at: seconds + 86_400 }, 'RESET_TOO_FAR'],
])('%j is no reading, and is told', (fields, problem) => {
  const { limits, problems } = fiveHour(fields);
  expect(limits).toEqual([]);
  expect(problems.map(({ code }) => code)).toContain(problem);
});

test('a window that nobody knows is told by its name, without what could harm a screen', () => {
  expect(codes({ nine_day: { used_percentage: 1, resets_at: seconds } })).toEqual([
    'WINDOW_UNKNOWN',
  ]);
  const [problem] = parseRateLimits({ 'x\u001b[2J': {} }, NOW).problems;
  expect(problem?.detail).toBe('rate_limits.x??2J');
});
