// Which spellings of a protected file's name are that file, on each system.
import fc from 'fast-check';
import { expect } from 'vitest';
import { targetsOf } from '../../../src/protection/path-match.ts';
import { posixTest } from '../../support/systems.ts';

const FILE = '/Users/José/Shop/.claude/settings.json';
const find = (path: string, platform: NodeJS.Platform) =>
  targetsOf(() => [FILE], platform).find(path, false);

posixTest('on macOS names that differ in case or in how accents are written are one', () => {
  expect(find(FILE.normalize('NFD'), 'darwin')).toBe(FILE);
  expect(find(FILE.normalize('NFD').toUpperCase(), 'darwin')).toBe(FILE);
  expect(find('/users/josé/*/.CLAUDE/Set*.json', 'darwin')).toBe(FILE);
  expect(find('/Users/Jose/Shop/.claude/settings.json', 'darwin')).toBeNull();
  expect(targetsOf(() => [FILE], 'darwin').find('/USERS/josé/shop', true)).toBe(FILE);
});

posixTest('on Linux they are different files', () => {
  expect(find(FILE, 'linux')).toBe(FILE);
  expect(find(FILE.toUpperCase(), 'linux')).toBeNull();
  expect(find(FILE.normalize('NFD'), 'linux')).toBeNull();
});

posixTest('on macOS any mixture of case is found', () => {
  const spelling = fc
    .array(fc.boolean(), { minLength: FILE.length, maxLength: FILE.length })
    .map((flips) =>
      [...FILE].map((letter, at) => (flips[at] ? letter.toUpperCase() : letter)).join(''),
    );
  fc.assert(fc.property(spelling, (path) => find(path, 'darwin') === FILE));
});
