// Values of a transcript line, whoever wrote them.
import { describe, expect, test } from 'vitest';
import {
  idOf,
  instantOf,
  numberOf,
  objectOf,
  stringOf,
} from '../../../../../src/agents/claude-code/transcript/spellings.ts';

const AT = Date.UTC(2026, 10, 27, 10, 1, 2);

describe('a time', () => {
  test.each([
    '2026-11-27T10:01:02.000Z',
    '2026-11-27T10:01:02Z',
    '2026-11-27T10:01:02',
    '2026-11-27 10:01:02',
    '2026-11-27T11:01:02+01:00',
    '2026-11-27T11:01:02+0100',
    'Fri, 27 Nov 2026 10:01:02 GMT',
    'Fri Nov 27 2026 10:01:02',
    AT,
    AT / 1_000,
    AT * 1_000,
    AT * 1_000_000,
    String(AT),
    ` ${AT / 1_000}.0 `,
    `${AT / 1_000}e0`,
    '+1795773662',
    ' 2026-11-27T10:01:02.000Z',
    '2026-11-27T10:01:02.000Z ',
    '2026-11-27T05:01:02-05:00',
    'Fri Nov 27 2026 11:01:02 GMT+0100 (Central European Standard Time)',
    'Fri, 27 Nov 2026 05:01:02 EST',
    '2026-11-27T10:01:02z',
    '2026-11-27 10:01:02,000',
    '2026-11-27 11:01:02.000000+01',
    '2026-11-27T11:01:02+01:00[Europe/Berlin]',
    '2026-11-27T10:01:02.000000000Z',
    '2026-11-27 11:01:02 +01',
    '11/27/2026, 10:01:02 AM',
    '11/27/2026, 10:01:02 AM UTC',
  ])('%o is that instant', (value) => {
    expect(instantOf(value)).toBe(AT);
  });

  test.each([
    [Date.UTC(2020, 0, 1) - 1, 0],
    [Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 1)],
    [Date.UTC(2100, 0, 1) - 1, Date.UTC(2100, 0, 1) - 1],
    [Date.UTC(2100, 0, 1), 0],
    [1_795_773_662.0004, AT],
    [1_795_773_662.0006, AT + 1],
    ['2026-12-31T23:59:60Z', Date.UTC(2026, 11, 31, 23, 59, 59)],
    ['2026-11-27 10:01:02,250', AT + 250],
    ['2026-11-27T11:01:02.250999999+01', AT + 250],
    [AT + 0.4, AT],
    [AT * 1_000 + 499, AT],
  ])('%s is %d', (value, at) => {
    expect(instantOf(value)).toBe(at);
  });

  test.each([
    null,
    undefined,
    '',
    '1.2.3',
    ...['2026', '+2026', '1.2.2026', '-1.2.2026', '12,25,2026', '2026.11.27'],
    '2026-11-27T10:01:0XZ2345Z',
    'yesterday',
    {},
    true,
    0,
    -5,
    1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00.000Z',
    1e300,
  ])('%o says no time', (value) => {
    expect(instantOf(value)).toBe(0);
  });
});

test.each([
  [7, 7],
  ['7', 7],
  [' 7.5 ', 7.5],
  ['1e3', 1_000],
  ['1,234,567', 1_234_567],
  ['1_234', 1_234],
  ['12,34', null],
  ['', null],
  ['  ', null],
  [' 1,234 ', 1_234],
  ['seven', null],
  [true, null],
  [null, null],
  [[7], null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ['1 234', 1_234],
  ["1'234", 1_234],
  ['1\u00a0234\u202f567', 1_234_567],
  ['1,234.5', 1_234.5],
  ['123,456', 123_456],
  ['1234,567', null],
  ['1,234x', null],
  ['-5', -5],
  ['NaN', null],
])('%o is the number %o', (value, number) => {
  expect(numberOf(value)).toBe(number);
});

test.each([
  ['a', 'a'],
  [12345, '12345'],
  [' a ', ' a '],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  ['', null],
  ['  ', null],
  ['[object Object]', null],
  [null, null],
  [undefined, null],
  [{}, null],
  [true, null],
])('%o is the id %o', (value, id) => {
  expect(idOf(value)).toBe(id);
});

test('only an object is one, and only a text is one', () => {
  const values = [{}, [], null, undefined, 'x', '', 7, true];
  expect(values.map((value) => objectOf(value) !== null)).toEqual([
    ...[true, false, false, false, false, false, false, false],
  ]);
  expect(values.map(stringOf)).toEqual([null, null, null, null, 'x', '', null, null]);
});
