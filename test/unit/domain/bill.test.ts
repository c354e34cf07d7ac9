// The bill against the ledger: which cause is named for which difference.
import { expect, test } from 'vitest';
import { type BillLine, compareBill, type SpentLine } from '../../../src/domain/bill.ts';
import { DAY_MS } from '../../../src/domain/time.ts';

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
