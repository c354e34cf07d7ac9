// Re-labelling: everything of an entry moves, nothing is changed, no total differs, and the way back is open.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sessionId } from '../../../src/domain/ids.ts';
import { parseChanges, planRelabel, planReplay, planUndo } from '../../../src/reports/relabel.ts';
import { correction, recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import { ALWAYS, readTable } from './read-table.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
  recordAll(ledger.store, [
    request({ id: 'msg_1', at: '2026-11-20T10:00Z', session: 's1', cost: 100, unknownModel: true }),
    request({
      id: 'msg_2',
      at: '2026-11-20T10:20Z',
      session: 's1',
      cost: 200,
      labels: { labels: 'phase=2' },
    }),
    correction({ id: 'settled:1', at: '2026-11-20T10:30Z', session: 's1', cost: -7 }),
    request({
      id: 'msg_3',
      at: '2026-11-20T11:00Z',
      session: 's2',
      cost: 1_000,
      labels: { client: 'Web' },
    }),
  ]);
});
afterEach(() => ledger.remove());

const inSession = (id: string) => [{ key: 'session' as const, patterns: [id] }];

function relabel(words: string[], where = inSession('s1')): number {
  const { store } = ledger;
  return store.immediately(() => {
    const moves = planRelabel(store.readLines({ window: ALWAYS, where }), parseChanges(words));
    for (const { line, to } of moves) store.reattribute(line, to, NOW);
    return moves.length;
  });
}

function undo(where = inSession('s1')): number {
  const { store } = ledger;
  return store.immediately(() => {
    const moves = planUndo(store.readLines({ window: ALWAYS, where }));
    for (const { line, to } of moves) store.reattribute(line, to, NOW);
    return moves.length;
  });
}

function costs(by: string): Record<string, number> {
  const [long, kept] = [false, true].map((isFresh) => {
    const { rows } = readTable(ledger.store, { by: [by], isFresh });
    return Object.fromEntries(rows.map(({ key, costNanoUsd }) => [key[0], costNanoUsd]));
  });
  expect(kept).toEqual(long);
  return long ?? {};
}

test('moves cost, requests and usage, and no total', () => {
  for (const by of ['client', 'day', 'turn', 'hour']) costs(by); // sums are kept from before
  const before = readTable(ledger.store, { by: ['model'] }).total;
  expect(relabel(['client=Acme', 'team=core'])).toBe(3);
  expect(costs('client')).toEqual({ Web: 1_000, Acme: 293 });
  expect(costs('label:team')).toEqual({ '(unattributed)': 1_000, core: 293 });
  expect(costs('label:phase')).toEqual({ '(unattributed)': 1_093, '2': 200 });
  const table = readTable(ledger.store, { by: ['client'], isFresh: true });
  const acme = table.rows.find(({ key }) => key[0] === 'Acme');
  expect(acme).toMatchObject({ requestCount: 2, unknownCount: 1 });
  expect(acme?.usage).toMatchObject({ inputTokens: 20, outputTokens: 400 });
  expect(table.total).toEqual(before);
  expect(costs('session')).toEqual({ s1: 293, s2: 1_000 });
  expect(ledger.store.readSessionTotals(sessionId('s1'))).toMatchObject({
    costNanoUsd: 293,
    requestCount: 2,
  });
});

test('keeps each provenance to itself', () => {
  relabel(['client=Acme']);
  const table = readTable(ledger.store, { by: ['client', 'provenance'], isFresh: true });
  expect(table.rows.map(({ key, costNanoUsd }) => [...key, costNanoUsd])).toContainEqual([
    'Acme',
    'client-settled',
    -7,
  ]);
});

test('twice is once', () => {
  expect(relabel(['client=Acme'])).toBe(3);
  expect(relabel(['client=Acme'])).toBe(0);
  expect(costs('client')).toEqual({ Web: 1_000, Acme: 293 });
});

test('goes on from where it was moved, and undo leads back to the beginning', () => {
  const before = costs('client');
  relabel(['client=Acme']);
  relabel(['client=Web', 'ticket=ABC-7']);
  expect(costs('client')).toEqual({ Web: 1_293 });
  expect(undo()).toBe(3);
  expect(costs('client')).toEqual(before);
  expect(costs('ticket')).toEqual({ '(unattributed)': 1_293 });
  expect(undo()).toBe(0);
  expect(relabel(['client=Acme'])).toBe(3);
  expect(costs('client')).toEqual({ Web: 1_000, Acme: 293 });
});

test('finds entries by the labels they count under now', () => {
  relabel(['client=Acme']);
  const by = (client: string | null) =>
    ledger.store
      .readLines({ window: ALWAYS, where: [{ key: 'client', patterns: [client] }] })
      .map(({ entryId }) => entryId);
  expect(by('Acme')).toEqual(['msg_1', 'msg_2', 'settled:1']);
  expect(by(null)).toEqual([]);
  expect(by('Web')).toEqual(['msg_3']);
  expect(undo([{ key: 'client', patterns: ['Ac*'] }] as never)).toBe(3);
  expect(by(null)).toHaveLength(3);
});

test('takes labels away', () => {
  relabel(['client=', 'phase='], [{ key: 'session', patterns: ['*'] }]);
  expect(costs('client')).toEqual({ '(unattributed)': 1_293 });
  expect(costs('label:phase')).toEqual({ '(unattributed)': 1_293 });
});

test('leaves a trail: a pair of corrections for every move, and the entry as it was', () => {
  relabel(['client=Acme']);
  undo();
  const lines = ledger.store.readLines({ window: ALWAYS, where: inSession('s1') });
  expect(lines).toHaveLength(3);
  expect(lines.every(({ recordedAttribution }) => recordedAttribution.client === null)).toBe(true);
  expect(
    ledger.store.recordUsage(request({ id: 'msg_1', at: '2026-11-20T10:00Z', session: 's1' })),
  ).toBe('duplicate');
});

test('a request that grows after its move keeps all totals right', () => {
  relabel(['client=Acme']);
  const grown = request({
    id: 'msg_1',
    at: '2026-11-20T10:00Z',
    session: 's1',
    cost: 160,
    usage: { outputTokens: 500 },
  });
  expect(ledger.store.immediately(() => ledger.store.recordUsage(grown))).toBe('grown');
  expect(readTable(ledger.store, { by: ['client'] }).total.costNanoUsd).toBe(1_353);
  expect(relabel(['client=Acme'])).toBe(1);
  expect(costs('client')).toEqual({ Web: 1_000, Acme: 353 });
});

test('a pool that counts by labels sees the money come and go', () => {
  const pool = (client: string) => ({
    key: `all:${client}`,
    window: { startAt: 0, endAt: Number.POSITIVE_INFINITY },
    labels: { client },
    sessions: null,
    turnId: null,
    agentId: null,
    isAhead: false,
  });
  const spent = (client: string) =>
    ledger.store.readPoolSpend(pool(client), { sessionId: sessionId('none'), agentId: null }, NOW)
      .postedNanoUsd;
  expect([spent('Acme'), spent('Web')]).toEqual([0, 1_000]);
  relabel(['client=Acme']);
  expect([spent('Acme'), spent('Web')]).toEqual([293, 1_000]);
  undo();
  expect([spent('Acme'), spent('Web')]).toEqual([0, 1_000]);
});

describe('what can be said anew', () => {
  test('facts of a request cannot', () => {
    for (const word of ['model=cheap', 'tool=Bash', 'session=s2', 'agent=x']) {
      expect(() => parseChanges([word])).toThrow('cannot be set');
    }
  });

  test('words that are no pair are a mistake', () => {
    for (const word of ['client', '=x', 'a b=c', 'team=a,b']) {
      expect(() => parseChanges([word])).toThrow('cannot be set');
    }
  });

  test('pr stands for the pull request, anything else is a free label', () => {
    const { owner, free } = parseChanges(['pr=42', 'costcentre=1', 'team=core', 'ticket=']);
    expect(owner).toEqual({ pullRequest: '42', costCentre: '1', ticket: null });
    expect([...free]).toEqual([['team', 'core']]);
  });
});

test('nothing that matches is nothing moved', () => {
  expect(relabel(['client=Acme'], inSession('unknown'))).toBe(0);
});

test('rules of today apply to what was recorded, and what a person set stays where they say nothing', () => {
  const { store } = ledger;
  relabel(['ticket=ABC-7'], inSession('s2'));
  const replay = () =>
    store.immediately(() => {
      const lines = store.readLines({ window: ALWAYS, where: [] });
      const moves = planReplay(lines, ({ sessionId }) =>
        sessionId === 's1' ? { client: 'Acme', labels: 'team=core' } : {},
      );
      for (const { line, to } of moves) store.reattribute(line, to, NOW);
      return moves.length;
    });
  expect(replay()).toBe(4);
  expect(costs('client')).toEqual({ '(unattributed)': 1_000, Acme: 293 });
  expect(costs('ticket')).toEqual({ '(unattributed)': 293, 'ABC-7': 1_000 });
  expect(costs('label:phase')).toEqual({ '(unattributed)': 1_093, '2': 200 });
  expect(costs('label:team')).toEqual({ '(unattributed)': 1_000, core: 293 });
  expect(replay()).toBe(0);
});
