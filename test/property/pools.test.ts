// Laws of pools: what a pool has posted depends on what was recorded, never on the order, nor on who asked when.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentId, sessionId, turnId } from '../../src/domain/ids.ts';
import type { Pool } from '../../src/stores/store.ts';
import { recordAll, request, temporaryLedger } from '../support/ledger-entries.ts';
import { runs } from '../support/runs.ts';

const START = Date.UTC(2026, 10, 21);
const HOUR = 3_600_000;

const drawn = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 500 }),
    hour: fc.integer({ min: -30, max: 54 }),
    session: fc.constantFrom('s1', 's2'),
    turn: fc.constantFrom('t1', 't2'),
    agent: fc.constantFrom(null, 'a1'),
    branch: fc.constantFrom('main', 'feat/x'),
    cost: fc.integer({ min: 1, max: 1_000_000 }),
  }),
  { selector: ({ id }) => id, maxLength: 40 },
);
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

const POOLS: readonly (Pool & { readonly counts: (entry: Drawn[number]) => boolean })[] = (
  [
    ['day', {}, () => true],
    ['session', { sessions: [sessionId('s1')] }, (entry) => entry.session === 's1'],
    ['turn', { turnId: turnId('t1') }, (entry) => entry.turn === 't1'],
    ['agent', { agentId: agentId('a1') }, (entry) => entry.agent === 'a1'],
    ['branch', { labels: { branch: 'feat/*' } }, (entry) => entry.branch !== 'main'],
    ['rolling:all', {}, () => true],
  ] as [string, Partial<Pool>, (entry: Drawn[number]) => boolean][]
).map(([key, fields, counts]) => ({
  key,
  window: { startAt: START, endAt: START + 24 * HOUR },
  labels: {},
  sessions: null,
  turnId: null,
  agentId: null,
  isAhead: false,
  ...fields,
  counts,
}));

test('a pool is the sum of its entries, however they came and whoever asked between', () => {
  fc.assert(
    fc.property(drawn, fc.infiniteStream(fc.boolean()), (entries, asks) => {
      const ledger = temporaryLedger();
      try {
        const nobody = { sessionId: sessionId('other'), agentId: null };
        const read = (pool: Pool) =>
          ledger.store.immediately(
            () => ledger.store.readPoolSpend(pool, nobody, START).postedNanoUsd,
          );
        for (const entry of entries) {
          if (asks.next().value) for (const pool of POOLS) read(pool);
          const words = { ...entry, id: `msg_${entry.id}`, at: START + entry.hour * HOUR };
          recordAll(ledger.store, [request({ ...words, labels: { branch: entry.branch } })]);
        }
        for (const pool of POOLS) {
          const inside = entries.filter(
            (entry) => entry.hour >= 0 && entry.hour < 24 && pool.counts(entry),
          );
          expect(read(pool), pool.key).toBe(inside.reduce((sum, { cost }) => sum + cost, 0));
        }
      } finally {
        ledger.remove();
      }
    }),
    { numRuns: runs(40) },
  );
});
