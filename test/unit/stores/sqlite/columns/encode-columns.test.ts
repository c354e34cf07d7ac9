// Columns of numbers as they are kept: what is decoded is what was encoded, in no more bytes than it needs.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeColumns,
  encodeColumns,
  plainColumn,
  valuesOf,
} from '../../../../../src/stores/sqlite/columns/encode-columns.ts';

const around = (columns: readonly (readonly number[])[]): number[][] =>
  decodeColumns(encodeColumns(columns.map((values) => plainColumn(Float64Array.from(values))))).map(
    (column) => [...valuesOf(column)],
  );

test.each([
  ['nothing', []],
  ['one value', [7]],
  ['the same everywhere', [5, 5, 5]],
  ['the same debt everywhere', [-3, -3]],
  ['no more than a byte', [0, 255, 17]],
  ['a byte above a great number', [1_000_000_000_000, 1_000_000_000_255]],
  ['debts', [-1, 0, 254]],
  ['two bytes, with a low that one more does not change', [1, 65_535]],
  ['four bytes', [1, 2 ** 32 - 1]],
  ['more than whole numbers of four bytes', [0, 2 ** 40, -(2 ** 40)]],
])('%s', (_name, values) => {
  expect(around([values])).toEqual([values]);
});

test('any whole numbers, several columns at a time', () => {
  const value = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.integer({ min: 0, max: 300 }));
  fc.assert(
    fc.property(fc.array(fc.array(value, { maxLength: 40 }), { maxLength: 5 }), (columns) => {
      expect(around(columns)).toEqual(columns);
    }),
  );
});

describe('bytes', () => {
  const bytesOf = (values: readonly number[]) =>
    encodeColumns([plainColumn(Float64Array.from(values))]).length;

  test('one value for all lines takes none for each', () => {
    expect(bytesOf(Array.from({ length: 1_000 }, () => 1.5e12))).toBe(bytesOf([1]));
  });

  test('what lies close together takes one for each', () => {
    const values = Array.from({ length: 1_000 }, (_, line) => 1.5e12 + (line % 256));
    expect(bytesOf(values) - bytesOf([1])).toBe(1_000);
  });
});
