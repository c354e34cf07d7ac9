// What content is in tokens, beside published counts and the rules for images.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  imageTokens,
  pdfTokens,
  sumOfEstimates,
  textTokens,
} from '../../../src/domain/token-estimate.ts';
import { runs } from '../../support/runs.ts';

interface Counted {
  readonly kind: string;
  readonly text: string;
  readonly tokens: number;
}
const COUNTED: readonly Counted[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/token-counts.json'), 'utf8'),
);

describe('text', () => {
  test.each(COUNTED)('$kind within a quarter of its count', ({ text, tokens }) => {
    const { earlier, current } = textTokens(text);
    expect(Math.abs(earlier / tokens - 1)).toBeLessThan(0.25);
    expect(current).toBeGreaterThanOrEqual(earlier);
    // Published: at most half as many again, for prose.
    expect(current / earlier).toBeLessThan(1.47);
  });

  test('property: no text is more tokens than three a character, and a longer one is never fewer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, more) => {
        const { current } = textTokens(text);
        expect(current).toBeGreaterThanOrEqual(0);
        expect(current).toBeLessThanOrEqual(3 * text.length + 1);
        expect(textTokens(`${text} ${more}`).current).toBeGreaterThanOrEqual(current);
      }),
      { numRuns: runs(100) },
    );
  });
});

describe('pieces of text', () => {
  // Sums of what one run of letters, digits, signs or space counts; words became 1.4 times as many, all else 1.03 times.
  test.each([
    ['', 0, 0],
    [' ', 0, 0],
    ['a', 1, 1],
    ['a '.repeat(13), 10, 13],
    ['abcdef '.repeat(10), 10, 14],
    ['abcdefghi '.repeat(10), 15, 21],
    ['Abcdef '.repeat(10), 10, 14],
    ['A '.repeat(13), 10, 13],
    ['AB '.repeat(10), 10, 14],
    ['ABCDEF '.repeat(10), 20, 28],
    ['1 '.repeat(10), 8, 9],
    ['12345678 '.repeat(10), 35, 36],
    ['+ '.repeat(20), 17, 18],
    ['==== '.repeat(10), 20, 21],
    ['========== '.repeat(13), 47, 49],
    ['='.repeat(1_000), 103, 106],
    [' '.repeat(16), 1, 2],
    [' '.repeat(216), 2, 3],
    ['\n', 1, 2],
    ['é '.repeat(10), 6, 7],
    ['я '.repeat(10), 6, 6],
    ['ऀ '.repeat(13), 17, 18],
    ['א '.repeat(10), 11, 12],
    ['日 '.repeat(10), 10, 10],
    ['한 '.repeat(13), 17, 18],
    ['→ '.repeat(10), 12, 12],
    ['😀 '.repeat(13), 30, 31],
    // Keys and hashes: short pieces with nothing between them count more than words do.
    ['a1 '.repeat(10), 17, 21],
    ['abc1 '.repeat(10), 20, 25],
    ['1abc '.repeat(13), 30, 35],
    ['1abcd '.repeat(10), 18, 23],
  ])('%j is %d tokens, or %d', (text, earlier, current) => {
    expect(textTokens(text)).toEqual({ earlier, current });
  });

  test('sum up with others', () => {
    expect(sumOfEstimates([])).toEqual({ earlier: 0, current: 0 });
    expect(
      sumOfEstimates([
        { earlier: 1, current: 20 },
        { earlier: 300, current: 4_000 },
      ]),
    ).toEqual({ earlier: 301, current: 4_020 });
  });
});

describe('images', () => {
  // Sizes and tokens as Anthropic's vision page gives them for ⌈w/28⌉ × ⌈h/28⌉; read 2026-11-28.
  test.each([
    [200, 200, 64, 64],
    [1_000, 1_000, 1_296, 1_296],
    [1_092, 1_092, 1_521, 1_521],
    [3_840, 2_160, 1_568, 4_784],
    [8_000, 10, 56, 92],
    [10, 8_000, 56, 92],
    [28, 28, 1, 1],
    [29, 28, 2, 2],
    [1, 1, 1, 1],
  ])('%d × %d', (width, height, earlier, current) => {
    expect(imageTokens({ width, height })).toEqual({ earlier, current });
  });

  test('one of unknown size is as large as any', () => {
    expect(imageTokens(null)).toEqual({ earlier: 1_568, current: 4_784 });
  });
});

// Published counts of Sonnet 5.5 and Haiku 4.5 (huggingface.co/datasets/JOHNISKING/pdf-token-cost, v2, 2026-10-18): a page of text,
// ten of them, and a scanned page. The text of the page alone is 728 and 503 tokens, some 2 200 letters.
test.each([
  [1, 2_200, 2_115, 2_347],
  [10, 22_000, 20_979, 23_236],
  [1, 0, 1_592, 1_600],
])('a PDF of %d pages with %d letters', (pages, chars, earlier, current) => {
  const tokens = pdfTokens(pages, chars);
  expect(Math.abs(tokens.earlier / earlier - 1)).toBeLessThan(0.1);
  expect(Math.abs(tokens.current / current - 1)).toBeLessThan(0.1);
});
