// A hash that names things in ledgers: its figures never change, or what is known is met as new.
import { expect, test } from 'vitest';
import { textHash } from '../../../src/domain/text-hash.ts';

test.each([
  ['', 0x811c9dc5, 0x1b873593],
  ['a', 3_826_002_220, 643_686_120],
  ['req_011CSHoEeqs5C35K2UUqR7Fy', 3_651_185_109, 4_267_833_743],
  ['日本語 🙂', 2_967_428_949, 1_278_954_898],
])('%j', (text, first, second) => {
  expect(textHash(text)).toEqual([first, second]);
});
