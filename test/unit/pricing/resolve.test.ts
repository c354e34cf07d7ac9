// Which model a spelling means, and which rates stand in when it means none.
import { describe, expect, test } from 'vitest';
import { LIST_PRICE } from '../../../src/pricing/policy.ts';
import type { RateCard, RateCards, RateRow, Rates } from '../../../src/pricing/rate-card.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { resolveModel, tariffFor } from '../../../src/pricing/resolve.ts';

const NOW = Date.parse('2026-11-21');
const idOf = (spelling: string) => resolveModel(spelling, RATE_CARDS).model;
const tariffOf = (spelling: string, policy = LIST_PRICE, at = NOW) =>
  tariffFor(spelling, at, policy, RATE_CARDS);

const MODELS = [...new Set(RATE_CARDS[0].rows.map(({ model }) => model))];
const DATED = [
  ['claude-3-5-haiku', '20241022'],
  ['claude-3-7-sonnet', '20250219'],
  ['claude-haiku-4-5', '20251001'],
  ['claude-sonnet-4-5', '20250929'],
  ['claude-opus-4-1', '20250805'],
  ['claude-opus-4-5', '20251101'],
] as const;

describe('spellings', () => {
  test('the card lists 24 models that the client prices and three that it does not', () => {
    const priced = MODELS.filter((model) => resolveModel(model, RATE_CARDS).hostPriced);
    expect([priced.length, MODELS.length - priced.length]).toEqual([24, 3]);
  });

  test.each(MODELS)('%s in every form a provider gives it', (model) => {
    expect(idOf(model)).toBe(model);
    expect(idOf(model.toUpperCase())).toBe(model);
    expect(idOf(`${model}[1m]`)).toBe(model);
    expect(idOf(`${model}[2m]`)).toBe(model);
    expect(idOf(`${model}-latest`)).toBe(model);
    expect(idOf(`${model}-20260101`)).toBe(model);
    expect(idOf(`${model}@20260101`)).toBe(model);
    expect(idOf(`anthropic.${model}`)).toBe(model);
    expect(idOf(`anthropic/${model}`)).toBe(model);
    expect(idOf(`openrouter/anthropic/${model}`)).toBe(model);
    expect(idOf(`my-proxy-${model}`)).toBe(model);
    expect(idOf(`ca.anthropic.${model}-v1:0`)).toBe(model);
    expect(idOf(`${model}-preview`)).toBe(model);
    for (const region of ['us', 'eu', 'apac', 'jp', 'au', 'us-gov', 'global']) {
      expect(idOf(`${region}.anthropic.${model}-v1`)).toBe(model);
      expect(idOf(`${region}.anthropic.${model}-20260101-v1:0`)).toBe(model);
    }
  });

  test.each(DATED)('%s of %s', (model, day) => {
    for (const spelling of [
      `${model}-${day}`,
      `${model}@${day}`,
      `us.anthropic.${model}-${day}-v1:0`,
      `arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.${model}-${day}-v1:0`,
    ]) {
      expect(idOf(spelling)).toBe(model);
      expect(RATE_CARDS[0].isOfficial(spelling)).toBe(true);
    }
  });

  test.each([
    ['claude-opus-4', 'claude-opus-4-0'],
    ['claude-opus-4-20250514', 'claude-opus-4-0'],
    ['claude-opus-4@20250514', 'claude-opus-4-0'],
    ['claude-4-opus-20250514', 'claude-opus-4-0'],
    ['claude-sonnet-4', 'claude-sonnet-4-0'],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'claude-sonnet-4-0'],
    ['claude-3-5-sonnet-v2@20241022', 'claude-3-5-sonnet'],
    ['us.anthropic.claude-3-5-sonnet-20241022-v2:0', 'claude-3-5-sonnet'],
    ['claude-opus-4.7', 'claude-opus-4-7'],
    ['anthropic/claude-opus-4.5', 'claude-opus-4-5'],
    ['claude-3.5-sonnet', 'claude-3-5-sonnet'],
    ['claude-opus-4-6-fast', 'claude-opus-4-6'],
    ['claude-opus-4-7-preview', 'claude-opus-4-7'],
    ['claude-3-opus-20240229', 'claude-3-opus'],
  ])('%s is %s', (spelling, model) => {
    expect(idOf(spelling)).toBe(model);
  });

  test.each([
    ['opus', 'claude-opus-5-5'],
    ['best', 'claude-opus-5-5'],
    ['default', 'claude-opus-5-5'],
    ['sonnet', 'claude-sonnet-5-5'],
    ['opusplan', 'claude-sonnet-5-5'],
    ['haiku', 'claude-haiku-5-5'],
    ['fable[1m]', 'claude-fable-5-2'],
    ['fable[2m]', 'claude-fable-5-2'],
    ['Opus', 'claude-opus-5-5'],
  ])('the alias %s is %s', (alias, model) => {
    expect(idOf(alias)).toBe(model);
  });

  test.each([
    'claude-opus-4-9',
    'claude-opus-5-6',
    'claude-opus-6',
    'claude-opus-45',
    'claude-opus-4-600',
    'claude-opus-4-9-preview',
    'my-proxy-claude-opus-5-6',
    'claude-sonnet-6',
    'claude-haiku-4',
    'claude-haiku-5',
    'claude-zeta-9',
    'claude-mythos-preview',
    'claude-2.1',
    'gpt-5',
    'glm-4.6',
    'gateway/default',
    'my-gateway-opus',
    'constructor',
    '__proto__',
    '',
  ])('%s is unknown', (spelling) => {
    expect(resolveModel(spelling, RATE_CARDS)).toMatchObject({ model: null, hostPriced: false });
    expect(tariffOf(spelling).unknownModel).toBe(true);
  });

  test.each([
    'my-proxy-claude-opus-4-1',
    'claude-opus-4-7-preview',
    'claude-opus-4-6-fast',
    'gpt-5',
  ])('%s is nobody’s own spelling', (spelling) => {
    expect(RATE_CARDS[0].isOfficial(spelling)).toBe(false);
  });

  test('the answer is kept, but not among thousands of others', () => {
    const spelling = 'us.anthropic.claude-opus-4-6-v1';
    const first = resolveModel(spelling, RATE_CARDS);
    resolveModel('claude-opus-4-7', RATE_CARDS);
    expect(resolveModel(spelling, RATE_CARDS)).toBe(first);
    for (let i = 0; i < 5_000; i++) resolveModel(`garbage-${i}`, RATE_CARDS);
    expect(resolveModel(spelling, RATE_CARDS)).not.toBe(first);
    expect(idOf(spelling)).toBe('claude-opus-4-6');
  });
});

describe('stand-ins', () => {
  test.each([
    ['claude-opus-6', 'claude-opus-4-1', 75_000_000],
    ['my-gateway-opus', 'claude-opus-4-1', 75_000_000],
    ['claude-sonnet-6', 'claude-sonnet-4-6', 15_000_000],
    ['claude-haiku-6', 'claude-haiku-4-5', 5_000_000],
    ['claude-fable-9', 'claude-fable-5', 50_000_000],
    ['claude-mythos-preview', 'claude-mythos-5', 50_000_000],
    ['gpt-5', 'claude-opus-4-1', 75_000_000],
    ['octopus-1', 'claude-opus-4-1', 75_000_000],
    ['', 'claude-opus-4-1', 75_000_000],
  ])('%s is charged like %s', (spelling, pricedAs, output) => {
    const tariff = tariffOf(spelling);
    expect(tariff).toMatchObject({ pricedAs, fast: null, unknownModel: true });
    expect(tariff.rates.output).toBe(output);
  });

  test('the dearest of a family is dearest in every class', () => {
    for (const family of ['opus', 'sonnet', 'haiku', 'fable', 'mythos']) {
      const { rates } = tariffOf(`claude-${family}-99`);
      for (const row of RATE_CARDS[0].rows.filter((candidate) => candidate.family === family)) {
        for (const own of [row.rates, row.longPrompt?.rates ?? row.rates]) {
          expect(own.input).toBeLessThanOrEqual(rates.input);
          expect(own.output).toBeLessThanOrEqual(rates.output);
          expect(own.cacheRead).toBeLessThanOrEqual(rates.cacheRead);
          expect(own.cacheWrite5m).toBeLessThanOrEqual(rates.cacheWrite5m);
          expect(own.cacheWrite1h).toBeLessThanOrEqual(rates.cacheWrite1h);
        }
      }
    }
  });

  test('what the client does not price has its own row, flagged', () => {
    expect(tariffOf('claude-3-haiku-20240307')).toMatchObject({
      pricedAs: 'claude-3-haiku',
      unknownModel: true,
    });
  });

  test('the policy may name the stand-in, as the client does', () => {
    const policy = { ...LIST_PRICE, unknownModel: 'opus' };
    for (const spelling of ['gpt-5', 'claude-3-haiku', 'claude-haiku-6']) {
      expect(tariffOf(spelling, policy)).toMatchObject({
        pricedAs: 'claude-opus-5-5',
        fast: null,
        unknownModel: true,
      });
    }
    expect(tariffOf('claude-haiku-4-5', policy).pricedAs).toBe('claude-haiku-4-5');
  });

  test('a stand-in that is unknown itself falls back to the dearest', () => {
    const policy = { ...LIST_PRICE, unknownModel: 'also-unknown' };
    expect(tariffOf('claude-sonnet-6', policy).pricedAs).toBe('claude-sonnet-4-6');
  });
});

describe('dates', () => {
  const cacheReadAt = (day: string) =>
    tariffOf('sonnet', LIST_PRICE, Date.parse(day)).rates.cacheRead;

  test('Sonnet 5.5 reads its cache cheaper from 2026-10-07 on', () => {
    expect(cacheReadAt('2026-10-06T23:59:59.999Z')).toBe(200_000);
    expect(cacheReadAt('2026-10-07T00:00:00.000Z')).toBe(100_000);
  });

  test('before the first row the first row holds, and without a date the last', () => {
    expect(cacheReadAt('1970-01-01')).toBe(200_000);
    expect(tariffOf('sonnet', LIST_PRICE, Number.NaN).rates.cacheRead).toBe(100_000);
    for (const at of [0, Number.NaN])
      expect(tariffOf('claude-opus-4-1', LIST_PRICE, at).pricedAs).toBe('claude-opus-4-1');
  });

  test('the rows of one model follow each other without a gap', () => {
    for (const model of MODELS) {
      const rows = RATE_CARDS[0].rows.filter((row) => row.model === model);
      for (const [i, row] of rows.entries()) expect(row.to).toBe(rows[i + 1]?.from ?? null);
    }
  });
});

describe('prices people set', () => {
  const mine = {
    input: 1,
    output: 2,
    cacheRead: 3,
    cacheWrite5m: 4,
    cacheWrite1h: 5,
  };
  const theirs = { input: 10, output: 20, cacheRead: 30, cacheWrite: 40 };

  test('a provider’s own spelling covers every form of the model', () => {
    const policy = { ...LIST_PRICE, overrides: { 'us.anthropic.claude-opus-4-6-v1': mine } };
    for (const spelling of ['claude-opus-4-6', 'anthropic/claude-opus-4.6', 'my-claude-opus-4-6']) {
      expect(tariffOf(spelling, policy)).toMatchObject({ rateCard: 'override', rates: mine });
    }
    expect(tariffOf('claude-opus-4-7', policy).rateCard).toBe('anthropic@2026-11-21');
  });

  test('any other key is that id alone, in any letter case, and wins', () => {
    const dear = { ...mine, input: 99 };
    const overrides = { 'my-proxy-claude-opus-4-1': dear, 'claude-opus-4-1': mine, 'GPT-5': mine };
    const policy = { ...LIST_PRICE, overrides };
    expect(tariffOf('my-proxy-claude-opus-4-1', policy).rates.input).toBe(99);
    expect(tariffOf('your-proxy-claude-opus-4-1', policy).rates.input).toBe(1);
    expect(tariffOf('gpt-5', policy)).toMatchObject({ rates: mine, unknownModel: false });
    expect(tariffOf('gpt-5-mini', policy).unknownModel).toBe(true);
    expect(tariffOf('constructor', policy).unknownModel).toBe(true);
    const alone = { ...LIST_PRICE, overrides: { 'my-proxy-claude-opus-4-1': dear } };
    expect(tariffOf('claude-opus-4-1', alone).rateCard).toBe('anthropic@2026-11-21');
    expect(tariffOf('your-proxy-claude-opus-4-1', alone).rates.input).toBe(15_000_000);
  });

  test('an override knows fast only if it says so, and has no prompt-length tier', () => {
    const fast = { ...mine, output: 200 };
    const policy = {
      ...LIST_PRICE,
      overrides: { 'claude-opus-5-5': mine, 'claude-opus-5': { ...mine, fast }, haiku: mine },
    };
    expect(tariffOf('opus', policy)).toMatchObject({ fast: null, usGeographyTenths: 11 });
    expect(tariffOf('claude-opus-5', policy).fast).toEqual(fast);
    expect(tariffOf('claude-haiku-5-5', policy)).toMatchObject({ rates: mine, longPrompt: null });
  });

  test('a managed price comes first: one write rate, no geography, never fast', () => {
    const policy = {
      ...LIST_PRICE,
      overrides: { 'claude-opus-5-5': { ...mine, fast: mine } },
      managed: { 'claude-opus-5-5': theirs },
    };
    expect(tariffOf('claude-opus-5-5[1m]', policy)).toMatchObject({
      rateCard: 'managed',
      rates: { input: 10, output: 20, cacheRead: 30, cacheWrite5m: 40, cacheWrite1h: 40 },
      fast: null,
      usGeographyTenths: 10,
      unknownModel: false,
    });
  });

  test('a stand-in is charged at its own override, and stays flagged', () => {
    const policy = {
      ...LIST_PRICE,
      unknownModel: 'claude-opus-5-5',
      overrides: { 'claude-opus-5-5': mine },
    };
    expect(tariffOf('gpt-5', policy)).toMatchObject({ rates: mine, unknownModel: true });
    const named = { ...LIST_PRICE, overrides: { dearest: mine } };
    expect(tariffOf('gpt-5', named).pricedAs).toBe('claude-opus-4-1');
  });
});

describe('several cards', () => {
  const rates = (output: number, input = 1, cacheRead = 1) => ({
    ...{ input, output, cacheRead, cacheWrite5m: 1, cacheWrite1h: 1 },
  });
  const row = (
    model: string,
    family: string,
    own: Rates,
    more: Partial<RateRow> = {},
  ): RateRow => ({
    ...{ model, family, from: null, to: null, rates: own, fast: rates(900), longPrompt: null },
    ...{ hostPriced: true, source: 'made up', ...more },
  });
  const card = (
    id: string,
    rows: readonly RateRow[],
    families: readonly string[] = [],
  ): RateCard => ({
    ...{ id, rows, webSearchPicoUsd: 7, usGeographyTenths: 12, isOfficial: () => true },
    identify: (spelling) => ({
      model: rows.some(({ model }) => model === spelling) ? spelling : null,
      family: families.find((family) => spelling.startsWith(family)) ?? null,
    }),
  });
  const tariff = (spelling: string, cards: RateCards, policy = LIST_PRICE, at = NOW) =>
    tariffFor(spelling, at, policy, cards);
  const one = card('one', [row('a', 'x', rates(10)), row('b', 'y', rates(20))], ['x']);
  const two = card('two', [row('a', 'x', rates(99)), row('c', 'z', rates(30))], ['z']);

  test('the first that lists a model counts', () => {
    expect(tariff('a', [one, two])).toEqual({
      ...{ pricedAs: 'a', rateCard: 'one', rates: rates(10), fast: rates(900), longPrompt: null },
      ...{ usGeographyTenths: 12, webSearchPicoUsd: 7, unknownModel: false },
    });
    expect(tariff('c', [one, two])).toMatchObject({ rateCard: 'two', pricedAs: 'c' });
    expect(resolveModel('c', [one, two])).toMatchObject({ card: two, hostPriced: true });
  });

  test('a family is known by whichever card knows it', () => {
    expect(resolveModel('z-9', [one, two])).toEqual({
      ...{ model: null, family: 'z', card: two, hostPriced: false },
    });
    expect(resolveModel('x-9', [one, two])).toMatchObject({ family: 'x', card: one });
    expect(resolveModel('q-9', [one, two])).toMatchObject({ family: null, card: one });
    const other = card('other', [row('d', 'x', rates(5))], ['x']);
    expect(resolveModel('x-9', [one, other])).toMatchObject({ family: 'x', card: one });
    expect(tariff('z-9', [one, two])).toMatchObject({
      pricedAs: 'c',
      fast: null,
      unknownModel: true,
    });
    expect(tariff('q-9', [one, two])).toMatchObject({ pricedAs: 'a', rateCard: 'two' });
  });

  test('a family without a row is charged like the dearest of all', () => {
    const bare = card('bare', [row('a', 'x', rates(10)), row('b', 'y', rates(20))], ['w']);
    expect(tariff('w-1', [bare])).toMatchObject({ pricedAs: 'b', unknownModel: true });
  });

  test('the dearest is dearest by output, then by input, then by cache reads; else the newest', () => {
    const dearest = (...rows: readonly RateRow[]) => tariff('?', [card('c', rows)]).pricedAs;
    expect(dearest(row('a', 'x', rates(2, 1)), row('b', 'x', rates(1, 9)))).toBe('a');
    expect(dearest(row('a', 'x', rates(1, 9)), row('b', 'x', rates(2, 1)))).toBe('b');
    expect(dearest(row('a', 'x', rates(1, 2, 1)), row('b', 'x', rates(1, 1, 9)))).toBe('a');
    expect(dearest(row('a', 'x', rates(1, 1, 9)), row('b', 'x', rates(1, 2, 1)))).toBe('b');
    expect(dearest(row('a', 'x', rates(1, 1, 2)), row('b', 'x', rates(1, 1, 1)))).toBe('a');
    expect(dearest(row('a', 'x', rates(1)), row('b', 'x', rates(1)))).toBe('b');
  });

  test('rows of one model hold until their end', () => {
    const dated = card('dated', [
      row('a', 'x', rates(1), { to: '2026-01-01' }),
      row('a', 'x', rates(2), { from: '2026-01-01', to: '2027-01-01' }),
    ]);
    const at = (day: string) => tariff('a', [dated], LIST_PRICE, Date.parse(day)).rates.output;
    expect(['2020-01-01', '2025-12-31T23:59:59.999Z', '2026-01-01', '2030-01-01'].map(at)).toEqual([
      ...[1, 1, 2, 2],
    ]);
  });

  test('a card without rows, or that names what it does not list, is a mistake', () => {
    expect(() => tariff('a', [card('empty', [])])).toThrow('no rate card has a row');
    const lying = { ...one, identify: () => ({ model: 'gone', family: null }) };
    expect(resolveModel('gone', [lying])).toMatchObject({ model: 'gone', hostPriced: false });
    expect(() => tariff('gone', [lying])).toThrow('rate card one names gone but has no row for it');
  });

  test('a price that people set names the model as the card does, else as the agent does', () => {
    const policy = { ...LIST_PRICE, overrides: { a: rates(5), q: rates(6) } };
    expect(tariff('a', [one], policy)).toMatchObject({
      ...{ pricedAs: 'a', rateCard: 'override', usGeographyTenths: 12, unknownModel: false },
    });
    expect(tariff('q', [one], policy)).toMatchObject({ pricedAs: 'q', rates: { output: 6 } });
    expect(tariff('r', [one], policy)).toMatchObject({ pricedAs: 'b', unknownModel: true });
  });
});
