// Prices as one person pays them.
import { expect, test } from 'vitest';
import { NO_USAGE } from '../../../src/domain/usage.ts';
import { LIST_PRICE, type PricingPolicy } from '../../../src/pricing/policy.ts';
import { pricerOf } from '../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { plainReport } from '../../../src/pricing/usage-report.ts';

const NOW = Date.parse('2026-11-21');
const RATES = { input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5 };
const MANAGED = { x: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 } };

test('a policy is what a request costs, what its rates are and what it is charged by', () => {
  const pricer = pricerOf({ ...LIST_PRICE, multiplierPpm: 500_000 }, RATE_CARDS);
  const report = plainReport({ ...NO_USAGE, inputTokens: 1_000 });
  const request = { model: 'opus', report, paused: [], occurredAt: NOW };
  expect(report).toMatchObject({ speed: 'standard', inferenceGeo: null });
  expect(pricer.price(request).costNanoUsd).toBe(2_000_000);
  expect(pricer.rates('opus', NOW).input).toBe(2_000_000);
  expect(pricer.tariff('opus', NOW)).toMatchObject({
    ...{ pricedAs: 'claude-opus-5-5', rates: { input: 4_000_000 } },
  });
});

test.each<[string, Partial<PricingPolicy>, number | null]>([
  ['list prices', {}, 1_000_000],
  ['a discount', { multiplierPpm: 850_000 }, 850_000],
  [
    "the organisation's prices, which the client has too",
    { managed: MANAGED, multiplierPpm: 850_000 },
    1_000_000,
  ],
  ['a price of one model', { overrides: { x: RATES } }, null],
])("with %s a dollar of the agent's is worth so much", (_, policy, ppm) => {
  expect(pricerOf({ ...LIST_PRICE, ...policy }, RATE_CARDS).hostDollarPpm).toBe(ppm);
});
