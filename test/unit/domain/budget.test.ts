// Which money counts towards a budget, by its labels.
import { expect, test } from 'vitest';
import { NO_ATTRIBUTION } from '../../../src/domain/attribution.ts';
import { inScope, type Scope } from '../../../src/domain/budget.ts';

const labels = {
  ...NO_ATTRIBUTION,
  ...{ repository: 'github.com/Acme/Shop', branch: 'feat/cart', developer: 'ada@acme.test' },
};

test.each<[Scope['where'], boolean]>([
  [{}, true],
  [{ branch: 'feat/cart' }, true],
  [{ branch: 'feat/*' }, true],
  [{ branch: 'main' }, false],
  [{ branch: 'FEAT/cart' }, false],
  [{ branch: 'feat/*', developer: 'ada@*' }, true],
  [{ branch: 'feat/*', developer: 'bob@*' }, false],
  [{ branch: 'main', developer: 'ada@*' }, false],
  // A repository by any spelling of its name.
  [{ repository: 'https://www.github.com/acme/shop' }, false],
  [{ repository: 'www.github.com/acme/shop' }, true],
  [{ repository: 'github.com/acme/*' }, true],
  [{ session: 's1' }, true],
  [{ session: 's2' }, false],
  // Nobody knows the client, so no pattern means it.
  [{ client: '*' }, false],
])('%j: %s', (where, isIn) => {
  expect(inScope({ where, per: [] }, labels, 's1')).toBe(isIn);
});
