// Random clients, terms and ledgers for what must hold of statements whatever they are: cost that adds up, and amounts that do.
import { deepEqual, equal } from 'node:assert/strict';
import type { Charge, ClientTerms, LineGroup } from '../../src/domain/billing.ts';
import { LANGUAGES, LINE_GROUPS } from '../../src/domain/billing.ts';
import type { EpochMs, Window } from '../../src/domain/time.ts';
import { calendarPeriod } from '../../src/periods/calendar.ts';
import { zoneDays } from '../../src/reports/local-time.ts';
import { decimalsOf, parseDecimal, rounded } from '../../src/statements/amounts.ts';
import { statementDocument } from '../../src/statements/document.ts';
import { readCorrections } from '../../src/statements/issued.ts';
import { makeStatement } from '../../src/statements/make-statement.ts';
import { rowsReader } from '../../src/statements/read-rows.ts';
import type { Statement } from '../../src/statements/statement.ts';
import { rateAt, termsOf } from '../../src/statements/terms.ts';
import type { Store } from '../../src/stores/store.ts';
import { correction, recordAll, request, temporaryLedger } from './ledger-entries.ts';

/** Six zones, three of which change their clocks in the months that are billed. */
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
] as const;

const CLIENTS = ['Acme', 'Bolt & Söhne', '=Ghost', null] as const;
const MONTHS = ['2026-09', '2026-10', '2026-11'] as const;
const AFTER = Date.UTC(2027, 0, 15);

/** Numbers that a seed gives, each time the same. */
export function randomFrom(seed: number) {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  const next = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return { below, pick: <T>(from: readonly T[]): T => from[below(from.length)] as T };
}
type Random = ReturnType<typeof randomFrom>;

function randomCharge({ below, pick }: Random): Charge {
  switch (below(4)) {
    case 0:
      return { kind: 'flat', amountNano: below(1e9) * 1_000 };
    case 1:
      return { kind: 'developer', amountsNano: { '*': below(1e9), 'dev0@x': below(1e9) * 7 } };
    default:
      return {
        kind: 'cost',
        markUpPpm: below(900_001),
        developers: pick([{}, { 'dev1@x': below(2_000_000) }]),
      };
  }
}

function randomTerms(random: Random): ClientTerms {
  const { below, pick } = random;
  return {
    ...{ title: null, address: [], reference: null },
    ...{ language: pick(LANGUAGES), timeZone: pick(ZONES), currency: pick(['USD', 'EUR', 'JPY']) },
    charge: randomCharge(random),
    discounts: pick([
      [],
      [{ text: 'Rebate', sharePpm: below(500_000) }],
      [{ text: 'Voucher', amountNano: below(1e9) }],
    ]),
    taxes: pick([[], [{ name: 'VAT', sharePpm: 190_000 }], [{ name: 'GST', sharePpm: 88_750 }]]),
    rounding: pick(['line', 'total']),
    lines: pick<LineGroup>(LINE_GROUPS),
  };
}

/** What a world is about. */
interface World {
  readonly store: Store;
  readonly terms: ReadonlyMap<string, ClientTerms>;
  readonly random: Random;
}

const SETTINGS = {
  rates: [
    { currency: 'EUR', on: '2026-01-01', rateNano: 921_537_013, source: 'test' },
    { currency: 'JPY', on: '2026-01-01', rateNano: 151_371_111_113, source: null },
  ],
};

/** Records so many entries anywhere in the three months; ids begin with `prefix`. */
function spend({ store, random: { below, pick } }: World, prefix: string, count: number): void {
  const [from, to] = [Date.UTC(2026, 8, 1, 12), Date.UTC(2026, 10, 30, 9)];
  const edges = ZONES.flatMap((zone) =>
    MONTHS.map((month) => monthOf(month, zone).startAt + pick([-1, 0, 1])),
  );
  const entries = Array.from({ length: count }, (_, index) => {
    const at = below(3) === 0 ? pick(edges) : from + below(to - from);
    const words = {
      ...{ id: `${prefix}${index}`, at: Math.min(Math.max(at, from), to) },
      ...{ session: `session-${below(5)}`, cost: below(3_000_000_000) },
      provenance: pick(['metered', 'metered', 'estimated'] as const),
      labels: {
        ...{ client: pick(CLIENTS), repository: pick(['a/shop', 'a/app', null]) },
        ...{ branch: pick(['main', 'feat/x', null]), developer: pick(['dev0@x', 'dev1@x', null]) },
        ...{ ticket: pick(['A-1', null]), model: pick(['claude-opus-5-5', 'claude-haiku-4-5']) },
      },
    };
    return below(8) === 0
      ? correction({ ...words, cost: words.cost - 1_500_000_000 })
      : request(words);
  });
  recordAll(store, entries);
}

const monthOf = (month: string, zone: string): Window => {
  const { startAt, endAt } = calendarPeriod('month', zone).windowAt(Date.parse(`${month}-15`));
  return { startAt, endAt };
};

/** Moves some entries to another client, as `tollgate label` does. */
function relabel({ store, random: { below, pick } }: World): void {
  const window = { startAt: 0, endAt: Number.POSITIVE_INFINITY };
  store.immediately(() => {
    for (const line of store.readLines({ window, where: [] })) {
      if (below(6) > 0) continue;
      store.reattribute(line, { ...line.attribution, client: pick(CLIENTS) }, AFTER);
    }
  });
}

async function billed(
  { store, terms: all }: World,
  client: string,
  month: string,
  madeAt: EpochMs,
  corrects = true,
): Promise<Statement> {
  const terms = termsOf(client, { clients: Object.fromEntries(all) }, 'UTC');
  const window = monthOf(month, terms.timeZone);
  const rate = rateAt(terms.currency, window.endAt, SETTINGS);
  const read = rowsReader(store);
  return makeStatement({
    ...{ number: null, client, sender: null, terms, rate, ...window, madeAt },
    rows: (await read(window)).get(client) ?? [],
    otherLines: corrects
      ? await readCorrections(client, store.readStatements(), read, { terms, rate })
      : [],
  });
}

function issue(store: Store, statement: Statement, number: string): void {
  const { client, startAt, endAt, madeAt } = statement;
  const document = JSON.stringify({ ...statement, number });
  store.immediately(() =>
    store.addStatement({
      ...{ number, client, startAt, endAt, issuedAt: madeAt, series: 's', document, digests: {} },
    }),
  );
}

/** What a client has cost by the report, with its own zone and window. */
function reported(store: Store, client: string, window: Window, timeZone: string): number {
  const zone = zoneDays(timeZone, window);
  return store
    .readSums({ by: ['client', 'day'], zone, window, where: [] })
    .filter(({ key }) => key[0] === client)
    .reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
}

/** Everything that must hold of one statement by itself. */
function checkStatement(statement: Statement, store: Store): void {
  const { lines, terms, net, netExact, taxes, total, cost, client } = statement;
  const usage = lines.filter((line) => line.kind === 'usage');
  equal(
    usage.reduce((sum, line) => sum + line.costNanoUsd, 0),
    cost.costNanoUsd,
  );
  const window = { startAt: statement.startAt, endAt: statement.endAt };
  equal(cost.costNanoUsd, reported(store, client, window, terms.timeZone));
  for (const rows of Object.values(statement.breakdowns)) {
    equal(
      rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
      cost.costNanoUsd,
    );
  }
  const decimals = decimalsOf(terms.currency);
  const sumOf = (key: 'exact' | 'amount') =>
    lines.reduce((sum, line) => sum + parseDecimal(line[key]), 0n);
  equal(parseDecimal(netExact), sumOf('exact'));
  const expected = terms.rounding === 'line' ? sumOf('amount') : rounded(sumOf('exact'), decimals);
  equal(parseDecimal(net), expected);
  const added = taxes.reduce((sum, { amount }) => sum + parseDecimal(amount), parseDecimal(net));
  equal(parseDecimal(total), added);
  equal(rounded(added, decimals), added);
  equal(statementDocument(statement).tables[0]?.rows.length, lines.length);
}

/** Makes a world from a seed, bills it before and after corrections, and checks all sums. */
export async function checkWorld(seed: number): Promise<void> {
  const { store, remove } = temporaryLedger();
  try {
    const random = randomFrom(seed);
    const names = CLIENTS.filter((name) => name !== null);
    const terms = new Map(names.map((name) => [name, randomTerms(random)]));
    const world = { store, terms, random };
    spend(world, 'a', 6 + random.below(20));
    if (random.below(2) === 0) relabel(world);
    await checkMonths(world, names);
    // After each month that is issued, the ledger changes.
    for (const [index, month] of MONTHS.entries()) {
      for (const client of names) {
        const statement = await billed(world, client, month, AFTER + index);
        checkStatement(statement, store);
        issue(store, statement, `${client}-${month}`);
      }
      spend(world, `b${index}`, random.below(6));
      if (random.below(2) === 0) relabel(world);
    }
    await checkIssued(world, names);
  } finally {
    remove();
  }
}

/** Drafts of all months, all clients and what belongs to nobody are the ledger. */
async function checkMonths(world: World, names: readonly string[]): Promise<void> {
  const drafts = await Promise.all(
    names.flatMap((client) =>
      ['2026-08', ...MONTHS, '2026-12'].map((month) => billed(world, client, month, AFTER)),
    ),
  );
  for (const draft of drafts) checkStatement(draft, world.store);
  const everything = { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY };
  const nobody = (await rowsReader(world.store)(everything)).get(null) ?? [];
  const sum = [...drafts.map(({ cost }) => cost), ...nobody].reduce(
    (all, { costNanoUsd }) => all + costNanoUsd,
    0,
  );
  equal(sum, world.store.readLedgerTotals().costNanoUsd);
}

/** One more statement of a later month corrects everything: what was billed is what would be billed now. */
async function checkIssued(world: World, names: readonly string[]): Promise<void> {
  for (const client of names) {
    const last = await billed(world, client, '2026-12', AFTER + 9);
    issue(world.store, last, `${client}-last`);
    const all = world.store
      .readStatements()
      .filter((each) => each.client === client)
      .map(({ document }) => JSON.parse(document) as Statement);
    const told = all.reduce(
      (sum, { cost, lines }) =>
        lines.reduce(
          (inner, line) => inner + (line.kind === 'correction' ? line.costNanoUsd : 0),
          sum + cost.costNanoUsd,
        ),
      0,
    );
    const fresh = await Promise.all(
      [...MONTHS, '2026-12'].map((month) => billed(world, client, month, AFTER, false)),
    );
    equal(
      told,
      fresh.reduce((sum, { cost }) => sum + cost.costNanoUsd, 0),
    );
    const netOf = (statements: readonly Statement[]) =>
      statements.reduce((sum, { net }) => sum + parseDecimal(net), 0n);
    equal(netOf(all), netOf(fresh));
    const next = { terms: last.terms, rate: last.rate };
    const issued = world.store.readStatements();
    deepEqual(await readCorrections(client, issued, rowsReader(world.store), next), []);
  }
}
