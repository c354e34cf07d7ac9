// Windows of a plan: their names in any spelling, and amounts that are shares of them.
import { expect, test } from 'vitest';
import {
  amountText,
  PLAN_UNITS,
  parsePlanWindow,
  parseRaise,
  parseUnits,
  planLengthMs,
  planModel,
  planWindowText,
  shareText,
  unbilledText,
  unitsText,
  writtenText,
} from '../../../src/domain/plan-window.ts';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time.ts';

test.each([
  ['five-hour', 'five-hour'],
  ['five_hour', 'five-hour'],
  [' Seven Day\n', 'seven-day'],
  ['seven_day_opus', 'seven-day:opus'],
  ['seven-day-sonnet', 'seven-day:sonnet'],
  ['five-hour:haiku', 'five-hour:haiku'],
] as const)('%j is the window %s', (text, name) => {
  expect(parsePlanWindow(text)).toBe(name);
});

test.each([
  ...['', 'five', 'hour', 'five-day', 'seven-hour', 'six-hour', 'five--hour', 'fivehour'],
  ...['seven-day:gpt', 'seven-day:', 'seven-day:opus2', 'the five-hour', 'five-hour left'],
])('%j is no window', (text) => {
  expect(parsePlanWindow(text)).toBeNull();
});

test('a window has a length and may be of one family of models', () => {
  expect([planLengthMs('five-hour'), planLengthMs('seven-day:opus')]).toEqual([
    5 * HOUR_MS,
    7 * DAY_MS,
  ]);
  expect([planModel('five-hour'), planModel('seven-day:opus')]).toEqual([null, 'opus']);
  expect([planWindowText('five-hour'), planWindowText('seven-day:opus')]).toEqual([
    'five-hour window',
    'seven-day window of opus',
  ]);
});

test.each([
  [0, '0%'],
  [0.004, '0.4%'],
  [0.0996, '10%'],
  [0.1, '10%'],
  [0.716, '72%'],
  [1.05, '105%'],
])('the share %d is %s', (ratio, text) => {
  expect(shareText(ratio)).toBe(text);
  expect(unitsText(ratio * PLAN_UNITS)).toBe(text);
});

test.each([
  ['5%', 0.05],
  [' 2.5 % ', 0.025],
  ['0.0001%', 0.000001],
  ['1000%', 10],
] as const)('%j is a share', (text, ratio) => {
  expect(parseUnits(text)).toBe(Math.round(ratio * PLAN_UNITS));
});

test.each(['', '5', '%', '.5%', '5.%', '-5%', '10000%', '5.00001%', '5%%', 'x5%', '5% x'])(
  '%j is none',
  (text) => {
    expect(parseUnits(text)).toBeNull();
  },
);

test('an amount is a share where it is of a window, and dollars elsewhere', () => {
  expect(amountText(500_000_000, {})).toBe('$0.50');
  expect(amountText(500_000_000, { fullNanoUsd: 2_000_000_000 })).toBe('25%');
});

test('dollars that a plan covers are told as such', () => {
  expect(unbilledText({ isListPrice: true })).toBe(' (list price, not billed)');
  expect(unbilledText({})).toBe('');
});

test.each([
  ['5%', { unit: 'share', amount: 0.05 * PLAN_UNITS }, '5%'],
  ['2', { unit: 'usd', amount: 2_000_000_000 }, '$2.00'],
  ['$0.50', { unit: 'usd', amount: 500_000_000 }, '$0.50'],
] as const)('a raise of %s is read and told', (text, raise, told) => {
  expect(parseRaise(text)).toEqual(raise);
  expect(writtenText(raise)).toBe(told);
});

test('a raise of something else is none', () => {
  expect(parseRaise('much')).toBeNull();
});
