// Whoever is halted was warned before, but for some two in a hundred whose forecast jumps at once: sessions of every shape are replayed under $4 and $5, each with its model's rates. The exception
// is a request that by itself costs as much as the soft stage looks ahead, a quarter of the ceiling.
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

test('property: at most two sessions of forty are halted without a warning', () => {
  const safety = 'cautious';
  let unwarnedCount = 0;
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
      const isWarned = notices.some((notice) => notice.at < stop.at);
      const last = lines.findIndex((line) => line.occurredAt === stop.at);
      const around = [lines[last - 1], lines[last]].map((line) => line?.costNanoUsd ?? 0);
      const isSurprise = Math.max(...around) > 0.2 * CEILING_NANO_USD;
      if (!isWarned && !isSurprise) unwarnedCount += 1;
    }),
    { numRuns: runs(40) },
  );
  expect(unwarnedCount).toBeLessThanOrEqual(Math.ceil(runs(40) / 20));
});
