// Which known word a mistyped one is taken for.
import { expect, test } from 'vitest';
import { nearestWord } from '../../../src/domain/did-you-mean.ts';

test.each<[string, readonly string[], string | null]>([
  ['budget', ['budgets', 'prices'], 'budgets'],
  ['bugdets', ['budgets'], 'budgets'],
  ['hardUSD', ['hardUsd'], 'hardUsd'],
  ['hard-usd', ['hardUsd'], 'hardUsd'],
  ['hard_usd', ['hardUsd'], 'hardUsd'],
  ['hard usd', ['hardUsd'], 'hardUsd'],
  // A third of the letters, and no more; of a short word, one letter.
  ['abcdXX', ['abcdef'], 'abcdef'],
  ['abcXXX', ['abcdef'], null],
  ['da', ['day'], 'day'],
  ['xa', ['day'], null],
  ['x', ['on'], null],
  ['n', ['on'], 'on'],
  // The nearest; of equally near ones the first.
  ['reports', ['report', 'reports'], 'reports'],
  ['reportx', ['reporta', 'reportb'], 'reporta'],
  // Neighbours that changed places count once, and only where both did.
  ['ab', ['ba'], 'ba'],
  ['abxy', ['bayx'], null],
  ['sessoin', ['session'], 'session'],
  ['wekk', ['week', 'work'], 'week'],
  ['', ['a'], 'a'],
  ['abc', [''], null],
  ['any', [], null],
])('%j among %j is %j', (word, known, nearest) => {
  expect(nearestWord(word, known)).toBe(nearest);
});
