// What content is in tokens, beside published counts and the rules for images.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageTokens, pdfTokens, textTokens } from '../../../src/domain/token-estimate.ts';

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
    );
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
