import { describe, expect, test } from 'vitest';
import {
  parsePattern,
  parsePrice,
  parseRatioMillionths,
  parseTimeZone,
} from '../../../src/config/setting-parsers.ts';
import {
  parseAmount,
  parsePeriod,
  parseRepository,
  parseScope,
  parseShare,
  parseSpan,
} from '../../../src/config/value-parsers.ts';

const value = <T>(value: T) => ({ ok: true, value });

describe('amounts', () => {
  test.each([
    ['5', 5_000_000_000],
    ['5.00', 5_000_000_000],
    ['$0.10', 100_000_000],
    ['1,250', 1_250_000_000_000],
    ['5 USD', 5_000_000_000],
    ['0.000000001', 1],
  ])('%s', (text, nano) => expect(parseAmount(text)).toEqual(value(nano)));

  test.each([5, 5.5, '0', '-1', '5,00', '€5', 'five', '', '0.0000000001', null, {}])(
    'refuses %j with a hint',
    (text) => {
      const read = parseAmount(text);
      expect(read.ok).toBe(false);
      if (!read.ok) expect(read.hint).not.toBe('');
    },
  );

  test('a JSON number is shown in quotes', () => {
    expect(parseAmount(5.5)).toMatchObject({ hint: expect.stringContaining('"5.5"') });
    expect(parseAmount('5,00')).toMatchObject({ hint: expect.stringContaining('"5.00"') });
  });
});

describe('shares', () => {
  test.each([
    ['0.9', 0.9],
    ['90%', 0.9],
    [0.9, 0.9],
    [1, 1],
    ['never', null],
    [null, null],
  ])('%j', (text, ratio) => expect(parseShare(text)).toEqual(value(ratio)));

  test.each(['0', '90', '1.1', '-0.5', '101%', 'often', true])('refuses %j', (text) => {
    expect(parseShare(text).ok).toBe(false);
  });
});

describe('spans', () => {
  test.each([
    ['10m', 600_000],
    ['24 hours', 86_400_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
  ])('%s', (text, ms) => expect(parseSpan(text)).toBe(ms));

  test.each(['', '5', 'h', '5 parsecs', '5h x', '5constructor'])('refuses %j', (text) => {
    expect(parseSpan(text)).toBeNull();
  });
});

describe('scopes', () => {
  const everything = { where: {}, per: [] };
  test.each([
    [undefined, everything],
    ['all', everything],
    ['everything', everything],
    ['*', everything],
    ['session', { where: {}, per: ['session'] }],
    ['repo', { where: {}, per: ['repository'] }],
    ['per branch', { where: {}, per: ['branch'] }],
    ['cost-centre', { where: {}, per: ['costCentre'] }],
    ['repository:github.com/Acme/*', { where: { repository: 'github.com/Acme/*' }, per: [] }],
    [
      'repository:git@github.com:Acme/Shop.git',
      { where: { repository: 'github.com/Acme/Shop' }, per: [] },
    ],
    [['branch', 'repository'], { where: {}, per: ['repository', 'branch'] }],
    [
      { repository: 'https://github.com/Acme/Shop', branch: 'feat/*' },
      { where: { branch: 'feat/*', repository: 'github.com/Acme/Shop' }, per: [] },
    ],
    [
      { per: ['branch', 'repository'], client: 'Acme' },
      { where: { client: 'Acme' }, per: ['repository', 'branch'] },
    ],
    [{ per: 'developer' }, { where: {}, per: ['developer'] }],
  ])('%j', (text, scope) => expect(parseScope(text)).toEqual(value(scope)));

  test.each([
    'planet',
    'planet:mars',
    'branch:',
    { planet: 'mars' },
    { branch: 5 },
    { per: ['x'] },
    5,
    null,
  ])('refuses %j', (text) => expect(parseScope(text).ok).toBe(false));
});

describe('periods', () => {
  test.each([
    [undefined, { kind: 'session', followChain: false }],
    ['session', { kind: 'session', followChain: false }],
    ['turn', { kind: 'turn' }],
    ['daily', { kind: 'day' }],
    ['per day', { kind: 'day' }],
    ['Week', { kind: 'week' }],
    ['monthly', { kind: 'month' }],
    ['subagent', { kind: 'subagent' }],
    ['forever', { kind: 'forever' }],
    ['5h', { kind: 'rolling', lengthMs: 18_000_000 }],
    ['24 hours', { kind: 'rolling', lengthMs: 86_400_000 }],
    ['rolling 5h', { kind: 'rolling', lengthMs: 18_000_000 }],
    ['rolling:5h', { kind: 'rolling', lengthMs: 18_000_000 }],
    ['last 7d', { kind: 'rolling', lengthMs: 604_800_000 }],
    [{ rolling: '5h' }, { kind: 'rolling', lengthMs: 18_000_000 }],
    [{ session: { followChain: true } }, { kind: 'session', followChain: true }],
    [{ session: {} }, { kind: 'session', followChain: false }],
  ])('%j', (text, recipe) => expect(parsePeriod(text)).toEqual(value(recipe)));

  test.each([
    'fortnight',
    'rolling',
    '5s',
    '400d',
    '',
    5,
    null,
    [],
    {},
    { rolling: 5 },
    { rolling: '5h', session: {} },
    { session: { chain: true } },
    { session: { followChain: 'yes' } },
    { day: {} },
  ])('refuses %j', (text) => expect(parsePeriod(text).ok).toBe(false));
});

test.each([
  ['git@github.com:Acme/Shop.git', 'github.com/Acme/Shop'],
  ['https://user:pw@github.com/Acme/Shop.git', 'github.com/Acme/Shop'],
  ['ssh://git@github.com/Acme/Shop', 'github.com/Acme/Shop'],
  ['github.com/Acme/*', 'github.com/Acme/*'],
  ['/srv/work/shop/', '/srv/work/shop'],
])('the repository %s', (text, name) => expect(parseRepository(text)).toBe(name));

describe('settings that stand alone', () => {
  test('prices are whole pico-dollars per token', () => {
    expect(parsePrice('3')).toEqual(value(3_000_000));
    expect(parsePrice('$0.30')).toEqual(value(300_000));
    expect(parsePrice('0')).toEqual(value(0));
    for (const wrong of [3, '-3', '3.1234567', 'cheap', null])
      expect(parsePrice(wrong).ok).toBe(false);
  });

  test('factors are whole millionths', () => {
    expect(parseRatioMillionths('0.85')).toEqual(value(850_000));
    expect(parseRatioMillionths(1.1)).toEqual(value(1_100_000));
    for (const wrong of ['0', '-1', '85%', '101', 1e-9, true]) {
      expect(parseRatioMillionths(wrong).ok).toBe(false);
    }
  });

  test('zones and patterns are those of the platform', () => {
    expect(parseTimeZone('Europe/Berlin').ok).toBe(true);
    for (const wrong of ['Middle/Earth', '+02:00', '', 5])
      expect(parseTimeZone(wrong).ok).toBe(false);
    expect(parsePattern('([A-Z]+-[0-9]+)').ok).toBe(true);
    for (const wrong of ['(', '', 'x'.repeat(201), 5]) expect(parsePattern(wrong).ok).toBe(false);
  });
});
