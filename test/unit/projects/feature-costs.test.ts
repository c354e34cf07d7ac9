// Quartiles of features by kind, by hand.
import { expect, test } from 'vitest';
import { kindCosts, kindsOf } from '../../../src/projects/feature-costs.ts';

const features = ([1, 2, 3, 4] as const)
  .map((usd) => ({ repository: 'r', branch: `feat/${usd}`, costNanoUsd: usd * 1e9 }))
  .concat([
    { repository: 'r', branch: 'fix/a', costNanoUsd: 5e9 },
    { repository: 'r', branch: 'main', costNanoUsd: 9e9 },
  ]);

test('kinds are what stands before the slash, and each has its quartiles', () => {
  const kinds = kindsOf(features);
  expect(kinds).toEqual({ feat: 'feat/*', fix: 'fix/*' });
  const [feat, fix] = kindCosts(features, kinds);
  expect(feat).toMatchObject({
    ...{ count: 4, totalNanoUsd: 10e9, leastNanoUsd: 1e9, mostNanoUsd: 4e9 },
    ...{ lowerQuartileNanoUsd: 1.75e9, medianNanoUsd: 2.5e9, upperQuartileNanoUsd: 3.25e9 },
  });
  expect(fix).toMatchObject({ count: 1, lowerQuartileNanoUsd: 5e9, upperQuartileNanoUsd: 5e9 });
  expect(kindCosts(features, { docs: 'docs/*' })).toEqual([]);
});
