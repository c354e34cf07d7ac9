// Values of a transcript line, whoever wrote them.
import { describe, expect, test } from 'vitest';
import {
  idOf,
  instantOf,
  numberOf,
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
  ])('%o is that instant', (value) => {
    expect(instantOf(value)).toBe(AT);
  });

  test.each([
    null,
    undefined,
    '',
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
  ['seven', null],
  [true, null],
  [null, null],
  [[7], null],
  [Number.NaN, null],
])('%o is the number %o', (value, number) => {
  expect(numberOf(value)).toBe(number);
});

test.each([
  ['a', 'a'],
  [12345, '12345'],
  ['', null],
  ['  ', null],
  [null, null],
  [undefined, null],
  [{}, null],
  [true, null],
])('%o is the id %o', (value, id) => {
  expect(idOf(value)).toBe(id);
});
