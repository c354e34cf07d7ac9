// Settling: what the client's totals say beyond the lines, and what they may not take away.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOWHERE } from '../../../src/attribution/source.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import { ingestSession } from '../../../src/ingest/ingest-session.ts';
import { type FileLedger, LATER, openFileLedger, totalsOf } from '../../support/file-ledger.ts';
import {
  BEGIN,
  compactBoundary,
  costState,
  prompt,
  response,
  result,
} from '../../support/transcript-lines.ts';

/** 1,000 tokens in and 100 out of Opus 4.7. */
const REQUEST_USD = 0.0075;
const REQUEST = 7_500_000;

let ledger: FileLedger;

beforeEach(() => {
  ledger = openFileLedger();
});
afterEach(() => ledger.close());

const session = (id = 's1') => ledger.read().sessions.find((each) => each.sessionId === id);
const corrections = () =>
  ledger
    .read()
    .entries.filter(({ kind }) => kind === 'correction')
    .map(({ reason, costNanoUsd }) => [reason, costNanoUsd]);

describe("the client's total", () => {
  test('adds what no line shows, once', () => {
    ledger.write('s1.jsonl', prompt('t1') + response({ id: 'm1' }) + costState(0.01));
    ledger.ingest('s1.jsonl');
    ledger.settle('s1');
    expect(corrections()).toEqual([['settled', 2_500_000]]);
    expect(session()).toMatchObject({ costNanoUsd: 10_000_000 });
  });

  test('told twice settles once', () => {
    ledger.write('s1.jsonl', prompt('t1') + response({ id: 'm1' }) + costState(0.01).repeat(2));
    ledger.ingest('s1.jsonl');
    expect(corrections()).toEqual([['settled', 2_500_000]]);
  });

  test('takes the place of the estimates it covers, and only of those', () => {
    const searched = { searchCount: 2 };
    ledger.write(
      's1.jsonl',
      [
        prompt('t1'),
        response({ id: 'm1', at: 1 }),
        result('t1', searched, { at: 2 }),
        costState(0.05),
        prompt('t2', { at: 10 }),
        result('t2', searched, { at: 12 }),
      ].join(''),
    );
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({
      costNanoUsd: 50_000_000 + 20_000_000,
      byProvenance: { metered: REQUEST, 'client-settled': 42_500_000, estimated: 20_000_000 },
    });
  });

  test('is for whom the session was, and so is every estimate: nobody gets a bill without them', () => {
    const { deps, path } = ledger;
    const labels = {
      clients: [{ repository: 'github.com/Acme/*', client: 'Acme', costCentre: '4711' }],
      ticketPattern: '[A-Z]+-\\d+',
      labels: { team: 'core' },
    };
    const place = {
      ...NOWHERE,
      repository: 'github.com/Acme/Shop',
      developer: 'dana@acme.example',
    };
    ledger.write(
      's1.jsonl',
      [
        prompt('t1'),
        response({ id: 'm1', at: 1, line: { gitBranch: 'feat/SHOP-7' } }),
        result('t1', { searchCount: 2 }, { at: 2 }),
        compactBoundary('c1', 100_000, { at: 3 }),
        costState(0.2),
      ].join(''),
    );
    const told = { ...deps, labels, readPlace: () => place };
    deps.store.immediately(() => ingestSession(path('s1.jsonl'), told, LATER, null));
    const sums = deps.store.readSums({
      by: ['client', 'costCentre', 'ticket', 'branch', 'developer', 'labels'],
      zone: { timeZone: 'UTC', shifts: [{ fromAt: 0, shiftMs: 0 }] },
      window: { startAt: 0, endAt: Number.POSITIVE_INFINITY },
      where: [],
    });
    expect(sums.map(({ key, costNanoUsd }) => [key, costNanoUsd])).toEqual([
      [['Acme', '4711', 'SHOP-7', 'feat/SHOP-7', 'dana@acme.example', 'team=core'], 200_000_000],
    ]);
  });

  test('does not cover a compaction that comes right after it', () => {
    ledger.write(
      's1.jsonl',
      [
        prompt('t1'),
        response({ id: 'm1', at: 1 }),
        costState(REQUEST_USD),
        compactBoundary('c1', 100_000, { at: 20 }),
        prompt('t2', { at: 19.9 }),
      ].join(''),
    );
    ledger.ingest('s1.jsonl');
    // 100,000 tokens read from the cache, at $0.50 a million.
    expect(session()).toMatchObject({ costNanoUsd: REQUEST + 50_000_000 });
    ledger.append('s1.jsonl', costState(REQUEST_USD + 0.06));
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({ costNanoUsd: REQUEST + 60_000_000 });
  });

  test('is held against its own run: what an earlier one hid stays', () => {
    const lines = [prompt('t1'), response({ id: 'm1', at: 1 }), costState(0.01)];
    lines.push(prompt('t2', { at: 10 }), response({ id: 'm2', at: 11 }), costState(0.03));
    for (const line of lines) {
      ledger.append('s1.jsonl', line);
      ledger.ingest('s1.jsonl');
    }
    expect(corrections()).toEqual([
      ['settled', 2_500_000],
      ['settled', 12_500_000],
    ]);
  });

  test('covers lines that come late, of the main loop and of subagents', () => {
    ledger.write('s1.jsonl', prompt('t1') + costState(2 * REQUEST_USD));
    ledger.ingest('s1.jsonl');
    expect(session()?.byProvenance['client-settled']).toBe(2 * REQUEST);
    ledger.append('s1.jsonl', response({ id: 'm1', at: 1 }));
    ledger.write('s1/subagents/agent-a.jsonl', response({ id: 'm2', at: 2, agent: 'a' }));
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({
      costNanoUsd: 2 * REQUEST,
      byProvenance: { metered: 2 * REQUEST, 'client-settled': 0, estimated: 0 },
    });
  });

  test('lowers what was guessed: an unknown model, a cut-off answer', () => {
    const cutOff = response({
      id: 'm2',
      at: 2,
      stopReason: null,
      output: 1,
      text: 'x'.repeat(300),
    });
    const unknown = response({ id: 'm1', at: 1, model: 'claude-opus-9' });
    ledger.write('s1.jsonl', prompt('t1') + unknown + cutOff + costState(0.001));
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({ costNanoUsd: 1_000_000 });
  });

  test('never lowers what was metered: a killed run is forgotten by the client only', () => {
    const killed = prompt('t1') + response({ id: 'm1', at: 1 });
    const resumed = prompt('t2', { at: 10 }) + response({ id: 'm2', at: 11 });
    const again = prompt('t3', { at: 20 }) + response({ id: 'm3', at: 21 });
    ledger.write('s1.jsonl', killed + resumed + costState(REQUEST_USD));
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({ costNanoUsd: 2 * REQUEST });
    // The run after that is held against the client again, to the last cent.
    ledger.append('s1.jsonl', again + costState(2 * REQUEST_USD + 0.001));
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({ costNanoUsd: 3 * REQUEST + 1_000_000 });
  });

  test('that begins anew with each start counts from there', () => {
    const first = prompt('t1') + response({ id: 'm1', at: 1 }) + costState(0.01);
    const second = prompt('t2', { at: 10 }) + response({ id: 'm2', at: 11 }) + costState(0.009);
    ledger.write('s1.jsonl', first + second);
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({ costNanoUsd: 19_000_000 });
  });

  test('while the session runs, from its status line, gives way to the one in the transcript', () => {
    ledger.write('s1.jsonl', prompt('t1') + response({ id: 'm1', at: 1 }));
    ledger.ingest('s1.jsonl');
    const { store } = ledger.deps;
    const live = (totalNanoUsd: number, at: number) =>
      store.immediately(() => {
        const known = store.readSession(sessionId('s1'));
        const until = BEGIN + at * 1_000;
        if (!known) throw new Error('no session');
        store.writeSession({ ...known, hostTotalNanoUsd: totalNanoUsd, hostTotalUntil: until });
      });
    live(8_000_000, 2);
    ledger.settle('s1');
    expect(session()).toMatchObject({ costNanoUsd: 8_000_000 });
    live(9_000_000, 3);
    ledger.settle('s1');
    expect(session()).toMatchObject({ costNanoUsd: 9_000_000 });
    ledger.append('s1.jsonl', response({ id: 'm2', at: 5 }) + costState(0.017));
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({ costNanoUsd: 17_000_000 });
    ledger.append('s1.jsonl', prompt('t2', { at: 10 }) + response({ id: 'm3', at: 11 }));
    ledger.ingest('s1.jsonl');
    expect(session()).toMatchObject({ costNanoUsd: 17_000_000 + REQUEST });
  });
});

describe('a fork', () => {
  const parent = () =>
    prompt('t1') + response({ id: 'm1', at: 1 }) + response({ id: 'm2', at: 2 }) + costState(0.02);
  const copies = (id = 's2') =>
    prompt('t9', { session: id }) +
    response({ id: 'm1', at: 1, session: id, madeBy: 's1' }) +
    response({ id: 'm2', at: 2, session: id, madeBy: 's1' });
  const own = (id = 's2') => response({ id: `m-${id}`, at: 50, session: id });

  test('inherits what its parent had spent, hidden money too, and nothing is counted twice', () => {
    ledger.write('s1.jsonl', parent());
    ledger.ingest('s1.jsonl');
    ledger.write('s2.jsonl', copies() + own());
    ledger.ingest('s2.jsonl');
    // Before the client has told the fork's total, and after.
    expect(session('s2')).toMatchObject({ costNanoUsd: REQUEST, inheritedNanoUsd: 20_000_000 });
    ledger.append('s2.jsonl', costState(0.02 + REQUEST_USD, 's2'));
    ledger.ingest('s2.jsonl');
    expect(session('s2')).toMatchObject({ costNanoUsd: REQUEST, inheritedNanoUsd: 20_000_000 });
    expect(session('s1')).toMatchObject({ costNanoUsd: 20_000_000, requestCount: 2 });
  });

  test('of a session from before Tollgate came: the parent is read as well', () => {
    ledger.write('s1.jsonl', parent());
    ledger.write('s1/subagents/agent-a.jsonl', response({ id: 'm3', at: 2, agent: 'a' }));
    ledger.write('s2.jsonl', copies() + own());
    ledger.ingest('s2.jsonl');
    expect(totalsOf(ledger.read())).toEqual({ s1: 3 * REQUEST, s2: 3 * REQUEST + REQUEST });
  });

  test('comes to the same in any order of reading', () => {
    const files = {
      's1.jsonl':
        parent() + prompt('t2', { at: 90 }) + response({ id: 'm9', at: 91 }) + costState(0.03),
      's2.jsonl': copies() + own() + costState(0.02 + REQUEST_USD, 's2'),
      's3.jsonl':
        copies('s3') +
        response({ id: 'm-s2', at: 50, session: 's3', madeBy: 's2' }) +
        response({ id: 'm-s3', at: 60, session: 's3' }) +
        costState(0.02 + 2 * REQUEST_USD + 0.001, 's3'),
    };
    const orders = [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ];
    for (const order of orders) {
      ledger.close();
      ledger = openFileLedger();
      for (const n of order) {
        const name = `s${n}.jsonl` as keyof typeof files;
        ledger.write(name, files[name]);
        ledger.ingest(name);
      }
      for (const n of order) ledger.ingest(`s${n}.jsonl`);
      expect(
        [...ledger.read().sessions].sort((a, b) => a.sessionId.localeCompare(b.sessionId)),
      ).toMatchObject([
        { costNanoUsd: 30_000_000, inheritedNanoUsd: 0 },
        { costNanoUsd: REQUEST, inheritedNanoUsd: 20_000_000 },
        { costNanoUsd: REQUEST + 1_000_000, inheritedNanoUsd: 20_000_000 + REQUEST },
      ]);
    }
  });

  test('of a session that still ran begins at nothing for the client, and its money stays', () => {
    ledger.write('s1.jsonl', prompt('t1') + response({ id: 'm1', at: 1 }));
    ledger.ingest('s1.jsonl');
    ledger.write('s2.jsonl', response({ id: 'm1', at: 1, session: 's2', madeBy: 's1' }) + own());
    ledger.ingest('s2.jsonl');
    expect(session('s2')).toMatchObject({ costNanoUsd: REQUEST, inheritedNanoUsd: REQUEST });
    ledger.append('s2.jsonl', costState(REQUEST_USD, 's2'));
    ledger.append('s1.jsonl', costState(REQUEST_USD));
    ledger.ingest('s2.jsonl');
    ledger.ingest('s1.jsonl');
    expect(session('s2')).toMatchObject({ costNanoUsd: REQUEST, inheritedNanoUsd: 0 });
  });

  test('whose copies are not marked (other clients) is known by the requests it repeats', () => {
    const unmarked =
      response({ id: 'm1', at: 1, session: 's2' }) + response({ id: 'm2', at: 2, session: 's2' });
    for (const [first, second] of [
      ['s1', 's2'],
      ['s2', 's1'],
    ] as const) {
      ledger.close();
      ledger = openFileLedger();
      ledger.write('s1.jsonl', parent());
      ledger.write('s2.jsonl', unmarked + own() + costState(0.02 + REQUEST_USD, 's2'));
      ledger.ingest(`${first}.jsonl`);
      ledger.ingest(`${second}.jsonl`);
      expect(totalsOf(ledger.read())).toEqual({ s1: 20_000_000, s2: 20_000_000 + REQUEST });
    }
  });

  test('of itself, by forged lines, harms nothing', () => {
    ledger.write('s1.jsonl', response({ id: 'm1', madeBy: 's2' }) + costState(1));
    ledger.write(
      's2.jsonl',
      response({ id: 'm2', session: 's2', madeBy: 's1' }) + costState(1, 's2'),
    );
    ledger.ingest('s1.jsonl', LATER);
    ledger.ingest('s2.jsonl', LATER);
    expect(Object.keys(totalsOf(ledger.read())).sort()).toEqual(['s1', 's2']);
  });
});
