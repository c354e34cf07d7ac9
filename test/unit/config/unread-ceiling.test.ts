import { expect, test } from 'vitest';
import type { ConfigProblem } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { unreadCeiling } from '../../../src/config/unread-ceiling.ts';

const FILE = '/repo/.claude/tollgate.json';
const load = (text: string) =>
  loadConfig([{ kind: 'project', file: FILE }], {
    texts: [{ file: FILE, text, code: null }],
    timeZone: 'UTC',
  });
/** What a hook has when `before` was the last good text and `now` is there. */
const after = (before: string | null, now: string): ConfigProblem | null => {
  const { config, problems } = load(now);
  return before === null
    ? unreadCeiling({ config, problems, basis: 'partial' })
    : unreadCeiling({ config: load(before).config, problems, basis: 'last-good' });
};
const CEILING = '{"budgets":[{"id":"session","hard":"5.00"}]}';

test.each([
  ['a number instead of text', '{"budgets":[{"id":"session","hard":5.00}]}', 'budgets[0].hard'],
  [
    'a typo in a key of a budget',
    '{"budgets":[{"id":"session","hrad":"5.00"}]}',
    'budgets[0].hrad',
  ],
  ['a typo in the key of the budgets', '{"budgts":[{"id":"session","hard":"5.00"}]}', 'budgts'],
  [
    'a soft limit above the hard one',
    '{"budgets":[{"id":"s","soft":"9","hard":"5"}]}',
    'budgets[0].soft',
  ],
  ['a fan-out that is a number', '{"fanOut":4}', 'fanOut'],
  ['no JSON at all', '{"budgets":[', ''],
  ['an empty file', '', ''],
])('%s: no ceiling is known', (_name, text, path) => {
  expect(after(null, text)).toMatchObject({ file: FILE, path });
});

test.each([
  ['a budget', '{"budgets":[{"id":"session","hard":5.00}]}'],
  ['the whole file', '{"budgets":['],
])('%s that was good before holds at its last good value', (_name, text) => {
  expect(after(CEILING, text)).toBeNull();
});

test('a last good configuration without a ceiling holds none', () => {
  const mistake = '{"budgets":[{"id":"session","hard":5.00}]}';
  expect(after('{}', mistake)).toMatchObject({ path: 'budgets[0].hard' });
  expect(after('{"budgets":[{"id":"session","soft":"4"}]}', mistake)).not.toBeNull();
});

test.each([
  '{"waitMs":"x"}',
  '{"labels":{"a":"b,c"}}',
  '{"pricing":{"multiplier":"much"}}',
  '{"foreignHosts":"perhaps"}',
  '{}',
])('%s leaves every ceiling in force', (text) => {
  expect(after(null, text)).toBeNull();
});
