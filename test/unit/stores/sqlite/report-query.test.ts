// Sums of a few named sessions come by SQL from quarters of an hour, all others from columns: both say the same.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GroupSums, SumQuery } from '../../../../src/domain/aggregates.ts';
import { zoneDays } from '../../../../src/reports/local-time.ts';
import {
  correction,
  recordAll,
  request,
  temporaryLedger,
} from '../../../support/ledger-entries.ts';

const HOUR = 3_600_000;
/** Berlin's clocks go back an hour on the second day. */
const START = Date.parse('2026-10-24T20:10:00Z');
const END = START + 40 * HOUR;
let ledger: ReturnType<typeof temporaryLedger>;

beforeAll(() => {
  ledger = temporaryLedger();
  const entries = Array.from({ length: 120 }, (_, index) => {
    const words = {
      ...{ id: `r${index}`, session: `s-${index % 3}`, turn: `t${index % 7}` },
      ...{ at: START + index * 20 * 60_000 + index, cost: 1_000 + index * 17 },
      unknownModel: index % 11 === 0,
      labels: {
        branch: index % 5 === 0 ? null : `feat/${index % 4}[x]`,
        model: `claude-opus-${index % 2}`,
        labels: index % 4 === 0 ? 'team=a*b,area=x' : index % 4 === 1 ? 'team=c' : null,
      },
    };
    return index % 13 === 0 ? correction(words) : request(words);
  });
  recordAll(ledger.store, entries);
});
afterAll(() => ledger.remove());

const sorted = (groups: readonly GroupSums[]) =>
  groups.map((group) => JSON.stringify(group)).sort();
const WINDOWS = {
  'all time': { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY },
  'ragged ends': { startAt: START + 3 * HOUR + 61_000, endAt: END - 5 * HOUR - 7_000 },
  'less than a quarter': { startAt: START + 20 * 60_000 - 1, endAt: START + 40 * 60_000 + 5 },
  'an open end': { startAt: START + 9 * HOUR, endAt: Number.POSITIVE_INFINITY },
};
const KEYS: readonly SumQuery['by'][] = [
  [],
  ['session'],
  ['day', 'model'],
  ['hour'],
  ['utcHour', 'provenance'],
  ['branch', 'session'],
];
const CONDITIONS: Readonly<Record<string, SumQuery['where']>> = {
  'nothing else': [],
  'a branch or none': [{ key: 'branch', patterns: ['feat/1[x]', null] }],
  'branches by pattern': [{ key: 'branch', patterns: ['feat/*[x]'] }],
  'a label': [{ key: 'label:team', patterns: ['a*'] }],
  'a label that is not there': [{ key: 'label:team', patterns: [null] }],
  'no pattern at all': [{ key: 'model', patterns: [] }],
};

test('conditions on turns and provenance do not divide what they let through', () => {
  const window = WINDOWS['all time'];
  const zone = zoneDays('UTC', { startAt: START, endAt: END });
  for (const [key, pattern] of [
    ['turn', 't*'],
    ['provenance', '*'],
    ['session', 's-*'],
  ] as const) {
    const query = { by: [], zone, window, where: [{ key, patterns: [pattern] }] };
    expect(ledger.store.readSums(query)).toMatchObject([{ key: [], requestCount: 110 }]);
  }
});

test.each(
  Object.entries(WINDOWS).flatMap(([window, span]) =>
    Object.entries(CONDITIONS).map(([name, where]) => [window, name, span, where] as const),
  ),
)('%s, %s', (_, __, window, where) => {
  for (const by of KEYS) {
    const zone = zoneDays('Europe/Berlin', { startAt: START, endAt: END });
    const read = (patterns: readonly string[]) =>
      ledger.store.readSums({ by, zone, window, where: [{ key: 'session', patterns }, ...where] });
    const named = read(['s-0', 's-2']);
    expect(sorted(named)).toEqual(sorted(read(['s-0*', 's-2*'])));
    if (where.length === 0) expect(named.length).toBeGreaterThan(0);
  }
});
