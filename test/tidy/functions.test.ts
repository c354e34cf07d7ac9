// Functions fit on a screen.
import { expect, test } from 'vitest';
import { filesBelow, functionsOf, stale } from './source.ts';

const MAX_LINES = 60;
/** Longer than that today. This list may only shrink. */
const KNOWN: readonly string[] = [];

test(`functions have at most ${MAX_LINES} lines`, () => {
  const long = ['src', 'hooks', 'scripts']
    .flatMap(filesBelow)
    .flatMap(functionsOf)
    .filter(({ lineCount }) => lineCount > MAX_LINES)
    .map(({ file, name }) => `${file} ${name}`);
  expect(
    long.filter((each) => !KNOWN.includes(each)),
    'split it into functions that each do one thing; a table or SQL goes into a constant beside it',
  ).toEqual([]);
  expect(stale(KNOWN, long), 'short now: take it off the list').toEqual([]);
});
