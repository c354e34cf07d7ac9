// Replaying what was spent under other budgets: what stops, what that saves, what it breaks.
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { LedgerLine } from '../../../src/domain/aggregates.ts';
import { NO_ATTRIBUTION } from '../../../src/domain/attribution.ts';
import { agentId, sessionId, turnId } from '../../../src/domain/ids.ts';
import { NO_USAGE } from '../../../src/domain/usage.ts';
import { replay } from '../../../src/gate/replay.ts';
import { pricerOf } from '../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';

const START = Date.UTC(2026, 10, 21);
const HOUR = 3_600_000;
const USD = 1_000_000_000;

/** A request of some dollars at an hour. */
function line(
  hour: number,
  usd: number,
  { session = 's1', turn = 't1', agent = '' } = {},
): LedgerLine {
  return {
    entryId: `msg_${session}_${hour}_${agent}`,
    kind: 'usage',
    reason: null,
    sessionId: sessionId(session),
    agentId: agent === '' ? null : agentId(agent),
    turnId: turnId(turn),
    occurredAt: START + hour * HOUR,
    usage: { ...NO_USAGE, outputTokens: (usd * USD) / 25_000 },
    costNanoUsd: usd * USD,
    provenance: 'metered',
    attribution: { ...NO_ATTRIBUTION, model: 'claude-opus-4-7' },
    recordedAttribution: NO_ATTRIBUTION,
  };
}

function replayed(budgets: readonly object[], lines: readonly LedgerLine[], safety = 'none') {
  const text = JSON.stringify({ safety, timeZone: 'UTC', budgets });
  const sources = [{ kind: 'user', file: 'new.json' }] as const;
  const { config, problems } = loadConfig(sources, {
    texts: [{ file: 'new.json', text, code: null }],
  });
  expect(problems).toEqual([]);
  const pricer = pricerOf(config.pricing, RATE_CARDS);
  return replay(lines, START, { config, pricer, chainOf: (id) => [id] });
}

describe('a session ceiling', () => {
  const lines = [
    line(1, 0.4),
    line(2, 0.7),
    line(3, 0.3),
    line(4, 0.2, { turn: 't2' }),
    line(5, 0.5, { session: 's2' }),
  ];

  test('stops before the first request after it, and saves the rest', () => {
    const result = replayed([{ id: 'session', hard: '1.00' }], lines);
    expect(result.stops).toMatchObject([
      {
        at: START + 3 * HOUR,
        sessionId: 's1',
        breach: { code: 'HARD_LIMIT_REACHED' },
        savedNanoUsd: 0.5 * USD,
        laterRequestCount: 2,
        brokenTurnCount: 2,
      },
    ]);
    expect(result).toMatchObject({ requestCount: 5, sessionCount: 2, savedNanoUsd: 0.5 * USD });
  });

  test('with a forecast it stops before the request that would have crossed', () => {
    const steady = Array.from({ length: 30 }, (_, hour) => line(hour, 0.1));
    const result = replayed([{ id: 'session', hard: '2.00' }], steady, 'cautious');
    const [stop] = result.stops;
    const before = steady.length - (stop?.laterRequestCount ?? 0);
    expect(before).toBeLessThanOrEqual(20);
    expect(before).toBeGreaterThanOrEqual(13);
    expect(stop?.breach.code).toBe('FORECAST_OVER_CEILING');
  });

  test('a higher one stops nothing', () => {
    const result = replayed([{ id: 'session', hard: '5.00' }], lines);
    expect(result).toMatchObject({ stops: [], savedNanoUsd: 0 });
  });
});

test('a day opens again with the next, and the halted session goes on', () => {
  const lines = [line(1, 1), line(2, 1), line(25, 0.5, { turn: 't2' }), line(26, 0.1)];
  const result = replayed([{ id: 'day', period: 'day', hard: '1.00' }], lines);
  expect(result.stops).toMatchObject([{ laterRequestCount: 1, savedNanoUsd: USD }]);
});

test('a subagent over its own ceiling is stopped alone', () => {
  const lines = [
    line(1, 0.3, { agent: 'a1' }),
    line(2, 0.3, { agent: 'a1' }),
    line(3, 0.3),
    line(4, 0.1, { agent: 'a2' }),
  ];
  const result = replayed([{ id: 'child', period: 'subagent', hard: '0.30' }], lines);
  expect(result.stops).toMatchObject([{ agentId: 'a1', laterRequestCount: 1 }]);
});

test('what a stopped subagent grew by is saved, too', () => {
  const grown = { ...line(4, 0.2, { agent: 'a1' }), kind: 'correction', reason: 'growth' } as const;
  const result = replayed(
    [
      { id: 'child', period: 'subagent', hard: '0.30' },
      { id: 'session', hard: '0.45' },
    ],
    [line(1, 0.3, { agent: 'a1' }), line(2, 0.3, { agent: 'a1' }), grown, line(5, 0.1)],
  );
  expect(result.stops).toMatchObject([{ agentId: 'a1', savedNanoUsd: 0.5 * USD }]);
});

test('a budget that watches says so, and saves nothing', () => {
  const budgets = [{ id: 'session', hard: '0.50', mode: 'observe' }];
  const result = replayed(budgets, [line(1, 0.6), line(2, 0.6)]);
  expect(result.stops).toEqual([]);
  expect(result.notices.map(({ stage }) => stage)).toContain('hard');
});

test('what was spent before counts, and is not replayed', () => {
  const before = { ...line(-1, 0.9), entryId: 'before' };
  const result = replayed([{ id: 'session', hard: '1.00' }], [before, line(1, 0.2), line(2, 0.2)]);
  expect(result).toMatchObject({ requestCount: 2, stops: [{ at: START + 2 * HOUR }] });
});
