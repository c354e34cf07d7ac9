// What `*` and `?` stand for.
import { expect, test } from 'vitest';
import { isPattern, matchesPattern } from '../../../src/domain/pattern.ts';

test.each([
  ['main', ['main'], ['Main', 'main2', 'mai', '']],
  ['*', ['', 'x', 'a/b'], []],
  ['?', ['x', '*'], ['', 'xy']],
  ['feat/*', ['feat/', 'feat/a/b'], ['feat', 'xfeat/a']],
  ['*fix', ['fix', 'a-fix', 'fixfix'], ['fixes', 'fi']],
  ['a*b*c', ['abc', 'a1b2c', 'abbcbc', 'abcc'], ['acb', 'ab', 'bc', 'abcx']],
  ['v?.?', ['v1.2', 'v?.?'], ['v1.', 'v12.3', 'v1.23']],
  ['a**', ['a', 'ab'], ['b']],
  ['*?', ['a', 'ab'], ['']],
])('%s', (pattern, matched, others) => {
  for (const text of matched) expect([text, matchesPattern(pattern, text)]).toEqual([text, true]);
  for (const text of others) expect([text, matchesPattern(pattern, text)]).toEqual([text, false]);
});

test('what stands for itself alone is no pattern', () => {
  expect(['main', 'a*', 'a?', '', '[a]'].map(isPattern)).toEqual([false, true, true, false, false]);
});
