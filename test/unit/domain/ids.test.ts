// How people call a session.
import { expect, test } from 'vitest';
import { shortId } from '../../../src/domain/ids.ts';

test.each([
  ['0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b', '0192ab3f'],
  ['0192AB3F-4c5d', '0192AB3F'],
  ['0192ab3', '0192ab3'],
  ['0192ab3f4', '0192ab3f4'],
  ['x0192ab3f-4c5d', 'x0192ab3f-4c5d'],
  ['0192ab3g-4c5d', '0192ab3g-4c5d'],
])('%s is %s', (id, short) => {
  expect(shortId(id)).toBe(short);
});
