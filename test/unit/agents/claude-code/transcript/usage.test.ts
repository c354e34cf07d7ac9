// What is read off a usage object, above all off a broken one.
import { describe, expect, test } from 'vitest';
import {
  MAX_COUNT,
  parsePausedResponses,
  parseUsage,
} from '../../../../../src/agents/claude-code/transcript/usage.ts';
import { NO_USAGE } from '../../../../../src/domain/usage.ts';

const counts = (raw: unknown) => parseUsage(raw)?.usage;

test('a whole response of client 2.1.330', () => {
  const report = parseUsage({
    input_tokens: 1234,
    cache_creation_input_tokens: 9012,
    cache_read_input_tokens: 34567,
    output_tokens: 5678,
    output_tokens_details: { thinking_tokens: 4000 },
    server_tool_use: { web_search_requests: 7, web_fetch_requests: 3 },
    service_tier: 'priority',
    cache_creation: { ephemeral_1h_input_tokens: 5011, ephemeral_5m_input_tokens: 4001 },
    inference_geo: 'us',
    iterations: [],
    speed: 'fast',
    fallback_credit: null,
  });
  expect(report).toEqual({
    usage: {
      inputTokens: 1234,
      outputTokens: 5678,
      cacheReadTokens: 34567,
      cacheWrite5mTokens: 4001,
      cacheWrite1hTokens: 5011,
      webSearchCount: 7,
    },
    speed: 'fast',
    inferenceGeo: 'us',
    messageIterations: [],
    advisors: [],
    compactions: [],
  });
});

test.each([null, undefined, 0, 'usage', true, [], [{ input_tokens: 1 }]])('%o is none', (raw) => {
  expect(parseUsage(raw)).toBeNull();
});

test('an empty object is a response that used nothing', () => {
  expect(parseUsage({})).toMatchObject({ usage: NO_USAGE, speed: 'standard', inferenceGeo: null });
});

describe('a count', () => {
  test.each([
    [null, 0],
    [undefined, 0],
    [-5, 0],
    [Number.NaN, 0],
    ['12', 12],
    ['1,234', 1_234],
    ['1.234', 1_234],
    ['1.5', 2],
    ['twelve', 0],
    [{}, 0],
    [true, 0],
    [12n, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [0.2, 1],
    [7, 7],
    [1.234, 2],
    [1e308, MAX_COUNT],
    [Number.POSITIVE_INFINITY, MAX_COUNT],
    [MAX_COUNT + 1, MAX_COUNT],
  ])('%o is read as %d', (raw, read) => {
    expect(counts({ input_tokens: raw })?.inputTokens).toBe(read);
    expect(counts({ server_tool_use: { web_search_requests: raw } })?.webSearchCount).toBe(read);
  });
});

test('a count above what is believed is reported beside what it is taken for', () => {
  let unreadableCount = 0;
  for (const count of [MAX_COUNT, MAX_COUNT + 1, 1e20]) {
    parseUsage({ output_tokens: count }, () => unreadableCount++);
  }
  expect(unreadableCount).toBe(2);
});

test('a count that is absent or null is none, and nothing to report', () => {
  let unreadableCount = 0;
  const usage = { input_tokens: null, output_tokens: undefined, cache_creation: null };
  expect(parseUsage(usage, () => unreadableCount++)?.usage).toEqual(NO_USAGE);
  expect(unreadableCount).toBe(0);
});

test('counts under names of another API only are reported', () => {
  let unreadableCount = 0;
  const others = { prompt_tokens: 900, completion_tokens: 10 };
  for (const usage of [
    others,
    { input_tokens: 0, output_tokens: 0, ...others },
    { inputTokens: 9 },
  ]) {
    parseUsage(usage, () => unreadableCount++);
  }
  expect(unreadableCount).toBe(3);
  parseUsage({ input_tokens: 5, total_tokens: 5 }, () => unreadableCount++);
  parseUsage({ input_tokens: 5, output_tokens: 5, total_tokens: 10 }, () => unreadableCount++);
  parseUsage(JSON.parse('{"other":{"valueOf":1,"toString":1}}'), () => unreadableCount++);
  expect(unreadableCount).toBe(3);
});

describe('cache writes', () => {
  const writes = (total: unknown, breakdown?: unknown) => {
    const usage = counts({ cache_creation_input_tokens: total, cache_creation: breakdown });
    return [usage?.cacheWrite5mTokens, usage?.cacheWrite1hTokens];
  };

  test.each([
    ['no breakdown: all five minutes', 1_000, undefined, [1_000, 0]],
    ['short of the total: the rest at five minutes', 10_000, [0, 4_000], [6_000, 4_000]],
    ['five minutes alone, short of the total', 10_000, [4_000, 0], [10_000, 0]],
    ['one hour above the total: clamped', 1_000, [0, 5_000], [0, 1_000]],
    ['both above the total: one hour wins', 1_000, [800, 700], [300, 700]],
    ['no total: the sum of the breakdown', 0, [300, 700], [300, 700]],
    ['a null total: the sum of the breakdown', null, [300, 700], [300, 700]],
    ['nonsense in the breakdown', 1_000, ['x', null], [1_000, 0]],
  ] as const)('%s', (_, total, breakdown, expected) => {
    const raw = breakdown && {
      ephemeral_5m_input_tokens: breakdown[0],
      ephemeral_1h_input_tokens: breakdown[1],
    };
    expect(writes(total, raw)).toEqual(expected);
  });

  test('for longer than is known cost as the longest known', () => {
    const breakdown = {
      ephemeral_24h_input_tokens: 700,
      ephemeral_5m_input_tokens: 300,
      hours: 24,
    };
    expect(writes(undefined, breakdown)).toEqual([300, 700]);
    expect(writes(1_000, breakdown)).toEqual([300, 700]);
  });

  test('a breakdown that is a number is the total where there is none', () => {
    expect(writes(undefined, 1_000)).toEqual([1_000, 0]);
  });

  test('a breakdown that is no object is none', () => {
    for (const broken of [null, 7, 'x', [1, 2]]) expect(writes(5, broken)).toEqual([5, 0]);
  });
});

describe('iterations', () => {
  test('are told apart by type, each with its own breakdown', () => {
    const report = parseUsage({
      iterations: [
        { type: 'message', input_tokens: 1, cache_creation_input_tokens: 2 },
        { type: 'advisor_message', model: 'claude-fable-5-2', output_tokens: 3 },
        { type: 'advisor_message', output_tokens: 4 },
        { type: 'compaction', input_tokens: 5 },
        { type: 'fallback_message', model: 'claude-opus-5', input_tokens: 6 },
        { type: 'of the future', input_tokens: 7 },
        null,
        'x',
        {},
      ],
    });
    expect(report?.messageIterations).toEqual([
      { ...NO_USAGE, inputTokens: 1, cacheWrite5mTokens: 2 },
    ]);
    expect(report?.advisors).toEqual([
      { model: 'claude-fable-5-2', usage: { ...NO_USAGE, outputTokens: 3 } },
      { model: '', usage: { ...NO_USAGE, outputTokens: 4 } },
    ]);
    expect(report?.compactions).toEqual([{ ...NO_USAGE, inputTokens: 5 }]);
  });

  test('that are no list are none', () => {
    for (const iterations of [null, 'x', {}, 3]) {
      expect(parseUsage({ iterations })?.messageIterations).toEqual([]);
    }
  });
});

test('what is said about speed and geography is taken only as said', () => {
  expect(parseUsage({ speed: 'FAST', inference_geo: 'US' })).toMatchObject({
    speed: 'standard',
    inferenceGeo: 'US',
  });
  expect(parseUsage({ speed: null, inference_geo: 7 })?.inferenceGeo).toBeNull();
});

test('paused responses', () => {
  const paused = parsePausedResponses([{ usage: { input_tokens: 1 } }, {}, null, { usage: 'x' }]);
  expect(paused.map(({ usage }) => usage.inputTokens)).toEqual([1]);
  for (const raw of [undefined, null, {}, 'x', []]) expect(parsePausedResponses(raw)).toEqual([]);
});
