// Exact amounts: nothing is lost before rounding, and rounding is half away from zero.
import { expect, test } from 'vitest';
import {
  converted,
  decimalText,
  exactOf,
  parseDecimal,
  rounded,
  shareOf,
} from '../../../src/statements/amounts.ts';

test('cost × mark-up × rate keeps every digit', () => {
  // 0.000000001 $ × 1.000001 × 0.921537013
  expect(decimalText(converted(1, 1_000_001, 921_537_013))).toBe('0.000000000921537934537013');
  expect(decimalText(shareOf(converted(1, 1_000_001, 921_537_013), 333_333))).toBe(
    '0.000000000307179004333026154329',
  );
});

test.each([
  ['2.345', 2, '2.35'],
  ['-2.345', 2, '-2.35'],
  ['2.3449999', 2, '2.34'],
  ['1234.5', 0, '1235'],
])('%s to %i decimals is %s', (text, decimals, expected) => {
  expect(decimalText(rounded(parseDecimal(text), decimals), decimals)).toBe(expected);
});

test('text and amount lead back to each other', () => {
  for (const text of ['0', '-0.000000000000000000000000000001', '12.5', '9007199.254740993']) {
    expect(decimalText(parseDecimal(text))).toBe(text);
  }
  expect(decimalText(exactOf(1_250_000_000), 2)).toBe('1.25');
});
