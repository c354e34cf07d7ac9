// The spellings of what bills are configured with: what each of them is, and what is none.
import { expect, test } from 'vitest';
import {
  parseAbsolutePath,
  parseCurrency,
  parseMoney,
  parseNumberPattern,
  parseRate,
  parseSharePpm,
} from '../../../src/config/billing-parsers.ts';
import type { ParsedValue } from '../../../src/config/value-parsers.ts';

const NONE = 'none';
const parsedOf = <T>(parsed: ParsedValue<T>) => {
  if (parsed.ok) return parsed.value;
  expect([parsed.message, parsed.hint]).toEqual([
    expect.stringMatching(/./),
    expect.stringMatching(/^Write /),
  ]);
  return NONE;
};

test.each([
  ['19%', 190_000],
  ['0.19', 190_000],
  [' 7.7 % ', 77_000],
  ['0', 0],
  ['0.0001%', 1],
  ['0.00001%', NONE],
  ['0.000001', 1],
  ['-1%', NONE],
  ['19 percent', NONE],
  ['', NONE],
  [0.19, NONE],
])('the share %j is %j millionths', (given, ppm) => {
  expect(parsedOf(parseSharePpm(given))).toBe(ppm);
});

test.each([
  ['1250.00', 1_250e9, 1_250e9],
  ['0', 0, NONE],
  ['-1', NONE, NONE],
  ['1,5', NONE, NONE],
  [5, NONE, NONE],
  [null, NONE, NONE],
])('%j is an amount of %j and a rate of %j', (given, amount, rate) => {
  expect([parsedOf(parseMoney(given)), parsedOf(parseRate(given))]).toEqual([amount, rate]);
});

test.each([
  ['EUR', 'EUR'],
  ['eur', NONE],
  ['EURO', NONE],
  [undefined, NONE],
])('the currency %j is %j', (given, code) => {
  expect(parsedOf(parseCurrency(given))).toBe(code);
});

test.each([
  ['{sequence}', true],
  ['{client}/{year}-{month}-{sequence:4}', true],
  ['{year}', false],
  ['{sequence}-{sequence}', false],
  ['{sequence:0}', false],
  ['{sequence}{day}', false],
  ['{sequence}}', false],
  [`${'x'.repeat(51)}{sequence}`, false],
  [7, false],
])('the number pattern %j is one: %j', (given, isOne) => {
  expect(parsedOf(parseNumberPattern(given))).toBe(isOne ? given : NONE);
});

test.each([
  ['/home/a/logo.png', true],
  ['C:\\logo.png', true],
  ['c:/logo.png', true],
  ['logo.png', false],
  ['~/logo.png', false],
  [null, false],
])('%j is an absolute path: %j', (given, isOne) => {
  expect(parsedOf(parseAbsolutePath(given))).toBe(isOne ? given : NONE);
});
