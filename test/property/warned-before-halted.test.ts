// Whoever is halted was warned before: sessions of every shape are replayed under $4 and $5, each with its model's rates. The
// exception is a single request of a tenth of the ceiling and more, which takes a session from below soft to over hard at once.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { LedgerLine } from '../../src/domain/aggregates.ts';
import { NO_ATTRIBUTION } from '../../src/domain/attribution.ts';
import { sessionId, turnId } from '../../src/domain/ids.ts';
import { NO_USAGE } from '../../src/domain/usage.ts';
import { replay } from '../../src/gate/replay.ts';
import { pricerOf } from '../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../src/pricing/rate-cards.ts';
import { MODELS, type Step, workload } from '../bench/workload.ts';
import { SHAPES } from '../bench/workload-shapes.ts';
import { runs } from '../support/runs.ts';

const CEILING_NANO_USD = 5e9;
const LARGE_REQUEST_NANO_USD = 0.1 * CEILING_NANO_USD;

function lineOf(step: Step, index: number): LedgerLine {
  const model = Object.keys(MODELS).find((name) => MODELS[name] === step.rates);
  const { outputTokens, newTokens, cachedTokens, cacheExpired } = step;
  return {
    entryId: `msg_${index}`,
    kind: 'usage',
    reason: null,
    sessionId: sessionId('s1'),
    agentId: null,
    turnId: turnId('t1'),
    occurredAt: Date.UTC(2026, 10, 21) + index * 1_000,
    usage: {
      ...NO_USAGE,
      outputTokens,
      cacheReadTokens: cacheExpired ? 0 : cachedTokens,
      cacheWrite5mTokens: newTokens + (cacheExpired ? cachedTokens : 0),
    },
    costNanoUsd: step.costNanoUsd,
    provenance: 'metered',
    attribution: { ...NO_ATTRIBUTION, model: `claude-${model}` },
    recordedAttribution: NO_ATTRIBUTION,
  };
}

test.each(['cautious', 'strict'])('property: %s halts nobody without a warning', (safety) => {
  const budgets = [{ id: 'session', soft: '4.00', hard: '5.00' }];
  const text = JSON.stringify({ safety, timeZone: 'UTC', budgets });
  const { config } = loadConfig([{ kind: 'user', file: 'a.json' }], {
    texts: [{ file: 'a.json', text, code: null }],
  });
  const pricer = pricerOf(config.pricing, RATE_CARDS);
  const seeds = fc.integer({ min: 0, max: 2 ** 31 });
  fc.assert(
    fc.property(fc.constantFrom(...SHAPES), seeds, (shape, seed) => {
      const { steps } = workload(
        { ...shape, ceilingUsd: [5, 5], meanUsd: [0.04, 0.15], requests: [10, 125] },
        seed,
      );
      const lines = steps.map(lineOf);
      const { stops, notices } = replay(lines, 0, { config, pricer, chainOf: (id) => [id] });
      const [stop] = stops;
      fc.pre(stop !== undefined);
      if (notices.some((notice) => notice.at < stop.at)) return;
      const last = lines.findIndex((line) => line.occurredAt === stop.at);
      // The request that landed, and the one that was halted.
      const around = lines.slice(Math.max(0, last - 1), last + 1).map((line) => line.costNanoUsd);
      expect(Math.max(...around)).toBeGreaterThan(LARGE_REQUEST_NANO_USD);
    }),
    { numRuns: runs(40) },
  );
});
