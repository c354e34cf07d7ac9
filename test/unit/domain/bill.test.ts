// The bill against the ledger: which cause is named for which difference.
import { describe, expect, test } from 'vitest';
import { type BillLine, billFacts, compareBill, type SpentLine } from '../../../src/domain/bill.ts';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time.ts';

const DAY = Date.UTC(2026, 10, 10);
const NOW = DAY + 20 * DAY_MS;
const DOLLAR = 1_000_000_000;

const spent = (costUsd: number, more: Partial<SpentLine> = {}): SpentLine => ({
  dayAt: DAY,
  model: 'claude-opus-4-7',
  costNanoUsd: costUsd * DOLLAR,
  requestCount: 1,
  unknownCount: 0,
  webSearchCount: 0,
  ...more,
});
const billed = (costUsd: number, more: Partial<BillLine> = {}): BillLine => ({
  dayAt: DAY,
  model: 'claude-opus-4-7',
  costType: 'tokens',
  serviceTier: 'standard',
  costNanoUsd: costUsd * DOLLAR,
  ...more,
});
const compare = (ledger: SpentLine[], bill: BillLine[], now = NOW) =>
  compareBill({ ledger, bill, now, nameOf: (name) => name.replace(/-\d{8}$/, '') });
const causes = (ledger: SpentLine[], bill: BillLine[], now = NOW) =>
  compare(ledger, bill, now).models.map(({ model, cause }) => `${model}: ${cause}`);

test('spellings of one model are one row, and token classes add up', () => {
  const { days, models } = compare(
    [spent(3)],
    [billed(1), billed(2, { model: 'claude-opus-4-7-20260401' })],
  );
  expect(models).toEqual([
    {
      dayAt: DAY,
      model: 'claude-opus-4-7',
      ledgerNanoUsd: 3 * DOLLAR,
      providerNanoUsd: 3 * DOLLAR,
      differenceNanoUsd: 0,
      cause: 'EQUAL',
      ratio: null,
    },
  ]);
  expect(days).toHaveLength(1);
  expect(days[0]?.cause).toBe('EQUAL');
});

test('searches are billed apart', () => {
  const { days } = compare(
    [spent(1.02, { webSearchCount: 2 })],
    [billed(1), billed(0.02, { model: null, costType: 'web_search' })],
  );
  expect(days[0]?.cause).toBe('EQUAL');
  expect(
    causes(
      [spent(1.02, { webSearchCount: 2 })],
      [billed(1), billed(0.02, { model: null, costType: 'web_search' })],
    ),
  ).toEqual(['(searches): EQUAL', 'claude-opus-4-7: EQUAL']);
});

test.each<[string, SpentLine[], BillLine[], string]>([
  ['a cent in a hundred dollars', [spent(100.004)], [billed(100)], 'ROUNDING'],
  ['half a cent of one cent', [spent(0.01)], [billed(0.005)], 'NOT_ON_THIS_BILL'],
  ['only the provider', [], [billed(2)], 'NOT_IN_LEDGER'],
  ['only the ledger', [spent(2)], [], 'NOT_ON_THIS_BILL'],
  ['the provider has more', [spent(1)], [billed(2)], 'NOT_IN_LEDGER'],
  ['a stand-in price', [spent(2, { unknownCount: 3 })], [billed(1)], 'UNPRICED_MODEL'],
])('%s', (_, ledger, bill, cause) => {
  expect(causes(ledger, bill)).toEqual([`claude-opus-4-7: ${cause}`]);
});

test('a day that is not over is late, not wrong', () => {
  expect(causes([spent(2)], [billed(1)], DAY + DAY_MS)).toEqual(['claude-opus-4-7: PROVIDER_LATE']);
  expect(causes([spent(1)], [billed(2)], DAY + DAY_MS)).toEqual(['claude-opus-4-7: NOT_IN_LEDGER']);
});

test('what one day has too much and the next too little was around midnight', () => {
  const next = { dayAt: DAY + DAY_MS };
  expect(causes([spent(2), spent(5, next)], [billed(1), billed(6, next)])).toEqual([
    'claude-opus-4-7: DAY_BOUNDARY',
    'claude-opus-4-7: DAY_BOUNDARY',
  ]);
});

test('one factor on several days is a price', () => {
  const next = { dayAt: DAY + 3 * DAY_MS };
  const { models } = compare([spent(2), spent(6, next)], [billed(1), billed(3, next)]);
  expect(models.map(({ cause, ratio }) => [cause, ratio])).toEqual([
    ['PRICE_DIFFERS', 0.5],
    ['PRICE_DIFFERS', 0.5],
  ]);
});

test('money without a model explains what a model lacks', () => {
  const ledger = [spent(1), spent(0.5, { model: null })];
  expect(causes(ledger, [billed(1.5)])).toEqual([
    '(no model): HIDDEN_REQUESTS',
    'claude-opus-4-7: HIDDEN_REQUESTS',
  ]);
  expect(compare(ledger, [billed(1.5)]).days[0]?.cause).toBe('EQUAL');
});

test.each<[string, SpentLine[], BillLine[], string]>([
  ['a thousand nano-dollars', [spent(1.000_001)], [billed(1)], 'EQUAL'],
  ['one more than that', [spent(1.000_001_001)], [billed(1)], 'ROUNDING'],
  ['half a cent of more', [spent(1.005)], [billed(1)], 'ROUNDING'],
  ['half a cent of less', [spent(0.995)], [billed(1)], 'ROUNDING'],
  ['more than half a cent', [spent(1.005_001)], [billed(1)], 'NOT_ON_THIS_BILL'],
  ['a hundredth of the larger', [spent(0.1)], [billed(0.099)], 'ROUNDING'],
  ['more than a hundredth', [spent(0.1)], [billed(0.0989)], 'NOT_ON_THIS_BILL'],
  ['a hundredth of a refund', [spent(-0.1)], [billed(-0.099)], 'ROUNDING'],
])('%s', (_, ledger, bill, cause) => {
  expect(causes(ledger, bill)).toEqual([`claude-opus-4-7: ${cause}`]);
});

test('the provider books for an hour after a day', () => {
  const dayEnd = DAY + DAY_MS;
  const causeAt = (now: number) => compare([spent(2)], [billed(1)], now).models[0]?.cause;
  expect(causeAt(dayEnd + HOUR_MS - 1)).toBe('PROVIDER_LATE');
  expect(causeAt(dayEnd + HOUR_MS)).toBe('NOT_ON_THIS_BILL');
});

describe('rows without a model', () => {
  const unnamed = (costType: string | null) => billed(1, { model: null, costType });

  test.each([
    [null, '(no model)'],
    ['tokens', '(no model)'],
    ['web_search', '(searches)'],
    ['code_execution', '(code_execution)'],
  ])('a cost type of %j is %s', (costType, row) => {
    expect(causes([], [unnamed(costType)])).toEqual([`${row}: NOT_IN_LEDGER`]);
  });

  test('money the ledger alone has without a model was spent by hidden requests', () => {
    expect(causes([spent(1, { model: null })], [])).toEqual(['(no model): HIDDEN_REQUESTS']);
  });

  test('searches leave the row of their model, at a cent each', () => {
    const { models } = compare([spent(1, { webSearchCount: 3 })], []);
    expect(models.map(({ model, ledgerNanoUsd }) => [model, ledgerNanoUsd])).toEqual([
      ['(searches)', 0.03 * DOLLAR],
      ['claude-opus-4-7', 0.97 * DOLLAR],
    ]);
  });
});

test('nothing on both sides is no row and no day', () => {
  const none = { dayAt: DAY + DAY_MS };
  expect(compare([spent(0, none)], [billed(0, none)])).toEqual({ days: [], models: [] });
});

test('rows are in order of time, then of names; a day is the sum of its rows', () => {
  const next = { dayAt: DAY + DAY_MS };
  const { days, models } = compare(
    [spent(1, next), spent(2, { model: 'b', unknownCount: 1 }), spent(4, { model: 'a' })],
    [billed(3, { model: 'a' })],
  );
  expect(models.map(({ dayAt, model }) => [dayAt, model])).toEqual([
    [DAY, 'a'],
    [DAY, 'b'],
    [DAY + DAY_MS, 'claude-opus-4-7'],
  ]);
  expect(days).toEqual([
    {
      ...{ dayAt: DAY, model: null, ledgerNanoUsd: 6 * DOLLAR, providerNanoUsd: 3 * DOLLAR },
      ...{ differenceNanoUsd: 3 * DOLLAR, cause: 'UNPRICED_MODEL', ratio: null },
    },
    {
      ...{ dayAt: DAY + DAY_MS, model: null, ledgerNanoUsd: DOLLAR, providerNanoUsd: 0 },
      ...{ differenceNanoUsd: DOLLAR, cause: 'NOT_ON_THIS_BILL', ratio: null },
    },
  ]);
});

describe('around midnight', () => {
  const days = (apart: number, first: readonly number[], second: readonly number[]) => {
    const later = { dayAt: DAY + apart * DAY_MS };
    return causes(
      [spent(first[0] ?? 0), spent(second[0] ?? 0, later)],
      [billed(first[1] ?? 0), billed(second[1] ?? 0, later)],
    ).map((text) => text.slice('claude-opus-4-7: '.length));
  };

  test.each([
    ['within a twentieth', days(1, [21, 1], [5, 24]), ['DAY_BOUNDARY', 'NOT_IN_LEDGER']],
    ['two days apart', days(2, [2, 1], [5, 6]), ['NOT_ON_THIS_BILL', 'NOT_IN_LEDGER']],
    ['both days have too much', days(1, [2, 1], [9, 8]), ['NOT_ON_THIS_BILL', 'NOT_ON_THIS_BILL']],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('one factor', () => {
  const later = (days: number) => ({ dayAt: DAY + 3 * days * DAY_MS });
  const ratios = (...sides: readonly (readonly [number, number])[]) =>
    compare(
      sides.map(([ours], index) => spent(ours, later(index))),
      sides.map(([, theirs], index) => billed(theirs, later(index))),
    ).models.map(({ cause, ratio }) => ratio ?? cause);

  test('may differ by half a percent from day to day', () => {
    expect(ratios([100, 80], [100, 80.3])).toEqual([0.8, 0.803]);
    expect(ratios([100, 80], [100, 80.5])).toEqual(['NOT_ON_THIS_BILL', 'NOT_ON_THIS_BILL']);
  });

  test('is a surcharge where the provider has more', () => {
    expect(ratios([10, 11], [20, 22])).toEqual([1.1, 1.1]);
  });

  test('is told to four places', () => {
    expect(ratios([3, 1], [6, 2])).toEqual([0.3333, 0.3333]);
  });

  test('on one day may be anything', () => {
    expect(ratios([2, 1])).toEqual(['NOT_ON_THIS_BILL']);
    expect(ratios([2, 1], [4, 0])).toEqual(['NOT_ON_THIS_BILL', 'NOT_ON_THIS_BILL']);
  });
});

test('hidden money explains no more than there is of it, on its own day', () => {
  const hidden = (costUsd: number, more = {}) => spent(costUsd, { model: null, ...more });
  const opus = (ledger: SpentLine[], bill: BillLine[]) =>
    causes(ledger, bill).filter((text) => text.startsWith('claude'));
  expect(opus([spent(1), hidden(0.5)], [billed(1.500_001)])).toEqual([
    'claude-opus-4-7: HIDDEN_REQUESTS',
  ]);
  expect(opus([spent(1), hidden(0.5)], [billed(1.500_002)])).toEqual([
    'claude-opus-4-7: NOT_IN_LEDGER',
  ]);
  expect(opus([hidden(2)], [billed(2)])).toEqual(['claude-opus-4-7: HIDDEN_REQUESTS']);
  expect(opus([spent(1), hidden(0.5, { dayAt: DAY + 5 * DAY_MS })], [billed(1.5)])).toEqual([
    'claude-opus-4-7: NOT_IN_LEDGER',
  ]);
});

describe('a bill that says whose it is', () => {
  const bill = [
    billed(1, { payer: 'ci' }),
    billed(3, { payer: 'mia', listNanoUsd: 4 * DOLLAR }),
    billed(1, { payer: 'ann' }),
    billed(2, { payer: 'ci', listNanoUsd: 2.5 * DOLLAR }),
    billed(7),
  ];

  test('is of everybody where nobody is named', () => {
    expect(billFacts(bill, [])).toEqual({
      bill,
      facts: {
        payers: [
          { payer: 'ci', costNanoUsd: 3 * DOLLAR },
          { payer: 'mia', costNanoUsd: 3 * DOLLAR },
          { payer: 'ann', costNanoUsd: DOLLAR },
        ],
        ...{ discountNanoUsd: 1.5 * DOLLAR, otherNanoUsd: 0 },
      },
    });
  });

  test('is compared for those that are named, and the rest is told', () => {
    const { bill: ours, facts } = billFacts(bill, ['mia', 'ann']);
    expect(ours).toEqual([bill[1], bill[2]]);
    expect(facts).toMatchObject({ discountNanoUsd: DOLLAR, otherNanoUsd: 10 * DOLLAR });
    expect(facts.payers).toHaveLength(3);
  });

  test('equal payers come by name', () => {
    const names = (...payers: string[]) =>
      billFacts(
        payers.map((payer) => billed(1, { payer })),
        [],
      ).facts.payers.map(({ payer }) => payer);
    expect([names('b', 'a'), names('a', 'b')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test('a discount that the bill tells is a price', () => {
    const discounted = billed(3, { listNanoUsd: 4 * DOLLAR });
    expect(causes([spent(4)], [discounted])).toEqual(['claude-opus-4-7: PRICE_DIFFERS']);
    expect(causes([spent(5)], [discounted])).toEqual(['claude-opus-4-7: NOT_ON_THIS_BILL']);
  });
});
