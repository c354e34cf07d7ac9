// What a change of the model costs: the cache of the other model, and the turns that were at its prices.
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { NO_USAGE } from '../../../src/domain/usage.ts';
import { modelSwitchCost, switchText } from '../../../src/gate/model-switch-cost.ts';
import { pricerFor } from '../../../src/wire.ts';

const asked = {
  ...{ sessionId: 's1', fromModel: 'claude-opus-4-7', toModel: 'claude-haiku-4-5' },
  ...{ contextTokens: 100_000, cacheLifetime: '5m' as const },
};
const usage = { ...NO_USAGE, outputTokens: 10_000, cacheReadTokens: 1_000_000 };

test.each([
  ['5m', 125_000_000],
  ['1h', 200_000_000],
] as const)('a cache of %s, and two turns', (cacheLifetime, cacheNanoUsd) => {
  const pricer = pricerFor(loadConfig([], { at: 0 }).config);
  // Opus: 10 000 × $25 + 1 000 000 × $0.50 a million are $0.75; Haiku: $5 and $0.10 make $0.15.
  const readMainUsage = () => ({ usage, costNanoUsd: 750_000_000, requestCount: 8, turnCount: 2 });
  const cost = modelSwitchCost(
    { ...asked, cacheLifetime },
    { store: { readMainUsage }, pricer },
    0,
  );
  expect(cost).toEqual({
    cacheNanoUsd,
    perTurn: { nowNanoUsd: 375_000_000, thenNanoUsd: 75_000_000 },
  });
  const text = switchText(cost);
  for (const part of ['$0.38', '$0.0750']) {
    expect(text).toContain(part);
  }
});

test('before the first turn there is nothing to compare, and nothing to say', () => {
  const pricer = pricerFor(loadConfig([], { at: 0 }).config);
  const store = {
    readMainUsage: () => ({ usage: NO_USAGE, costNanoUsd: 0, requestCount: 0, turnCount: 0 }),
  };
  const cost = modelSwitchCost({ ...asked, contextTokens: 0 }, { store, pricer }, 0);
  expect(cost).toEqual({ cacheNanoUsd: 0, perTurn: null });
  expect(switchText(cost)).toBeNull();
});
