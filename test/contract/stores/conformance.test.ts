// Both kinds of ledgers, the same entries: whatever a report asks for, SQLite and PostgreSQL give the same answer.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GroupSums, SumKey, SumQuery } from '../../../src/domain/aggregates.ts';
import { ATTRIBUTION_KEYS } from '../../../src/domain/attribution.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import { ALL_TIME, DAY_MS } from '../../../src/domain/time.ts';
import { zoneDays } from '../../../src/reports/local-time.ts';
import { recordAll, temporaryLedger } from '../../support/ledger-entries.ts';
import { manyEntries } from '../../support/many-entries.ts';
import { runs } from '../../support/runs.ts';
import { useTeam } from '../../support/use-team.ts';

const DEVELOPERS = ['dana@acme.example', 'eve@acme.example'];
const TEAM_ZONE = 'Europe/Berlin';
// A team takes entries of these days alone.
const START = Math.floor(Date.now() / DAY_MS - 45) * DAY_MS;
const SPAN = { startAt: START, endAt: START + 41 * DAY_MS };

const team = useTeam('conformance', { timeZone: TEAM_ZONE });
const ledger = temporaryLedger();

beforeAll(async () => {
  // No rate card knows the models, so that both ledgers have the cost that the entries tell.
  const entries = manyEntries(3_000, {
    startAt: START,
    developers: DEVELOPERS,
    models: ['house-model', 'other_model', '50%', null],
    repositories: [
      ...['github.com/Acme/Shop', 'github.com/acme/shop', 'ssh.github.com/Acme/Shop'],
      ...['github.com/Acme/Web', '/home/dana/[shop]', null],
    ],
  }).map((entry) => {
    // A session is one machine's, and nothing takes back what was not spent.
    const machine = DEVELOPERS.indexOf(entry.attribution.developer ?? '');
    const ofMachine = sessionId(`${entry.sessionId}-${machine}`);
    return { ...entry, sessionId: ofMachine, costNanoUsd: Math.abs(entry.costNanoUsd) };
  });
  recordAll(ledger.store, entries);
  moveSome();
  const { entries: sent } = ledger.store.readTeamEntries(0, 1_000_000);
  expect(sent.length).toBeGreaterThan(3_000);
  for (const developer of DEVELOPERS) {
    const { store } = await team.join(developer);
    const own = sent.filter(({ attribution }) => attribution.developer === developer);
    for (let at = 0; at < own.length; at += 1_000) await store.flush(own.slice(at, at + 1_000), 0);
  }
}, 120_000);
afterAll(() => ledger.remove());

/** Gives entries to other labels, some of them twice. */
function moveSome(): void {
  const { store } = ledger;
  for (const step of [1, 2]) {
    const where = [{ key: 'client' as const, patterns: [null] }];
    const lines = store.readLines({ window: ALL_TIME, where }).slice(0, 40 * step);
    store.immediately(() => {
      for (const line of lines) {
        const to = {
          ...line.attribution,
          client: step === 1 ? 'Moved' : null,
          ticket: `T-${step}`,
        };
        store.reattribute(line, to, START);
      }
    });
  }
}

const KEYS: readonly SumKey[] = [
  ...(['day', 'hour', 'utcHour', 'session', 'turn', 'provenance'] as const),
  ...ATTRIBUTION_KEYS,
];
const PATTERNS: SumQuery['where'] = [
  { key: 'branch', patterns: ['feat/*', null] },
  { key: 'branch', patterns: ['FEAT/*'] },
  { key: 'label:team', patterns: ['core'] },
  { key: 'label:team', patterns: [null] },
  { key: 'label:phase', patterns: ['?'] },
  { key: 'repository', patterns: ['github.com/ACME/shop'] },
  { key: 'repository', patterns: ['github.com/acme/*|/home/*'] },
  { key: 'repository', patterns: ['/home/dana/[shop]'] },
  { key: 'model', patterns: ['other_*', '50%'] },
  { key: 'model', patterns: ['other?model'] },
  { key: 'session', patterns: ['session-1*'] },
  { key: 'session', patterns: ['session-3-0', 'session-4-1'] },
  { key: 'session', patterns: ['nobody'] },
  { key: 'turn', patterns: ['turn-1', null] },
  { key: 'provenance', patterns: ['est*', 'metered'] },
  { key: 'client', patterns: ['Moved', 'Acme'] },
  { key: 'ticket', patterns: ['T-*'] },
  { key: 'pullRequest', patterns: [] },
];

const instant = fc.oneof(
  fc.integer({ min: START - DAY_MS, max: SPAN.endAt }),
  fc.integer({ min: -1, max: 42 }).map((day) => START + day * DAY_MS),
  fc.integer({ min: -1, max: 42 }).map((day) => START + day * DAY_MS - 2 * 3_600_000),
  fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
);
const asked: fc.Arbitrary<SumQuery> = fc.record({
  by: fc.uniqueArray(fc.constantFrom(...KEYS), { maxLength: 3 }),
  zone: fc
    .constantFrom(TEAM_ZONE, TEAM_ZONE, 'UTC', 'Asia/Kathmandu', 'America/St_Johns')
    .map((timeZone) => zoneDays(timeZone, SPAN)),
  window: fc.tuple(instant, instant).map(([startAt, endAt]) => ({ startAt, endAt })),
  where: fc.uniqueArray(fc.constantFrom(...PATTERNS), {
    maxLength: 3,
    selector: ({ key }) => key,
  }),
});

/** Groups come in any order. */
const inOrder = (sums: readonly GroupSums[]) =>
  [...sums].sort((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));

test('sums by any keys, in any zone and window, under any conditions', async () => {
  let groupCount = 0;
  await fc.assert(
    fc.asyncProperty(asked, async (query) => {
      const ours = inOrder(ledger.store.readSums(query));
      groupCount += ours.length;
      expect(inOrder(await team.manager.readSums(query))).toEqual(ours);
    }),
    { numRuns: runs(300) },
  );
  expect(groupCount).toBeGreaterThan(runs(300));
});

test('sums by one key come in the same order', async () => {
  await fc.assert(
    fc.asyncProperty(
      asked.filter(({ by }) => by.length === 1),
      fc.nat(20),
      async (query, at) => {
        const order = ['day', 'hour', 'utcHour'].includes(query.by[0] ?? '') ? 'key' : 'cost';
        const ours = ledger.store.readRanked(query, order);
        const theirs = await team.manager.readRanked(query, order);
        expect(theirs.groupCount).toBe(ours.groupCount);
        expect(theirs.total).toEqual(ours.total);
        const first = Math.min(at, ours.groupCount);
        expect(theirs.totalBetween(first, ours.groupCount)).toEqual(
          ours.totalBetween(first, ours.groupCount),
        );
        for (let rank = 0; rank < first; rank += 1) expect(theirs.at(rank)).toEqual(ours.at(rank));
      },
    ),
    { numRuns: runs(60) },
  );
});

test('lines as they count after moves', async () => {
  await fc.assert(
    fc.asyncProperty(asked, async ({ window, where }) => {
      const byId = (lines: readonly { readonly entryId: string }[]) =>
        [...lines].sort((a, b) => (a.entryId < b.entryId ? -1 : 1));
      const ours = byId(ledger.store.readLines({ window, where }));
      expect(byId(await team.manager.readLines({ window, where }))).toEqual(ours);
    }),
    { numRuns: runs(60) },
  );
});

test('the span of all entries', async () => {
  expect(await team.manager.readSpan()).toEqual(ledger.store.readSpan());
});

test('a developer reads what is theirs, a manager all of it', async () => {
  const query: SumQuery = {
    by: ['developer'],
    zone: zoneDays('UTC', SPAN),
    window: ALL_TIME,
    where: [],
  };
  const { store } = await team.join(DEVELOPERS[0] ?? '');
  await store.flush([], 0);
  expect(await team.manager.readSums(query)).toHaveLength(2);
  // A machine that is new has sent nothing: what others of the same developer have sent is not its own.
  expect(await store.readSums(query)).toEqual([]);
});
