// The columns that reports keep: the same whichever way they came to be, joined when they become many, and the
// same order of rows as sorting all of them.
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UsageEntry } from '../../../src/domain/entry.ts';
import { zoneDays } from '../../../src/reports/local-time.ts';
import { rankedTable } from '../../../src/reports/ranked-table.ts';
import { findReport, REPORTS } from '../../../src/reports/reports.ts';
import { buildTable } from '../../../src/reports/table.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';
import { recordAll, recordEach, request, temporaryLedger } from '../../support/ledger-entries.ts';
import { ALWAYS, readTable } from './read-table.ts';

const START = Date.parse('2026-10-24T20:00:00Z');
const NAMES = [...REPORTS.map(({ name }) => name), 'label:team'];

let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
});
afterEach(() => ledger.remove());

/** Entries from one number up to another; costs repeat, so that names must decide. */
function entries(from: number, to: number): UsageEntry[] {
  return Array.from({ length: to - from }, (_, index) => {
    const at = from + index;
    return request({
      id: `msg_${at}`,
      at: START + at * 61_000,
      session: `session-${at % 37}`,
      turn: at % 11 === 0 ? null : `turn-${Math.floor(at / 7)}`,
      cost: 1_000 * (at % 5) + (at % 400 === 0 ? 5_000_000_000 : 1),
      labels: { branch: `b${at % 90}`, model: `m${at % 3}`, labels: `team=t${at % 4}` },
    });
  });
}

const keep = (store: Store) => {
  while (store.immediately(store.refreshSums) > 0);
};
const everything = (store: Store) =>
  Object.fromEntries(NAMES.map((name) => [name, readTable(store, { by: [name] }).rows]));
const rowsOf = (path: string, sql: string): Record<string, unknown>[] => {
  const db = new Database(path);
  try {
    return db.prepare<[], Record<string, unknown>>(sql).all();
  } finally {
    db.close();
  }
};

test('what bulk work keeps is what the lines say, also when hooks write in between', () => {
  const { store, path } = ledger;
  store.bulk((bulk) => recordEach(bulk, entries(0, 700)));
  recordAll(store, entries(700, 730));
  store.bulk((bulk) => recordEach(bulk, entries(600, 1_500)));
  keep(store);
  expect(rowsOf(path, 'SELECT sum(line_count) AS lines FROM report_chunk')).toEqual([
    { lines: 1_500 },
  ]);
  const kept = everything(store);
  const db = new Database(path);
  db.exec('DELETE FROM report_chunk; DELETE FROM report_column; DELETE FROM report_label');
  db.close();
  expect(everything(store)).toEqual(kept);
  keep(store);
  expect(everything(store)).toEqual(kept);
});

test('work that fails leaves nothing behind', () => {
  const { store, path } = ledger;
  const failing = () =>
    store.bulk((bulk) => {
      recordEach(bulk, entries(0, 900));
      throw new Error('no');
    });
  expect(failing).toThrow('no');
  store.bulk((bulk) => recordEach(bulk, entries(2_000, 2_400)));
  keep(store);
  const other = openSqliteStore(path);
  const { total } = readTable(other, { by: ['turn'] });
  other.close();
  expect(total.requestCount).toBe(400);
  expect(readTable(store, { by: ['model'] }).total.costNanoUsd).toBe(total.costNanoUsd);
});

test('small chunks are joined and say the same', () => {
  const { store, path } = ledger;
  for (let part = 0; part < 12; part += 1) {
    recordAll(store, entries(part * 300, (part + 1) * 300));
    keep(store);
  }
  const chunks = rowsOf(path, 'SELECT first_seq, line_count FROM report_chunk');
  expect(chunks.length).toBeLessThan(9);
  const joined = everything(store);
  const db = new Database(path);
  db.exec('DELETE FROM report_chunk; DELETE FROM report_column; DELETE FROM report_label');
  db.close();
  expect(everything(store)).toEqual(joined);
});

describe.each(['session', 'turn', 'branch', 'day', 'hour'])('--by %s in order', (name) => {
  test.each([null, 1, 7, 1_000])('is as sorting all rows would have it, of %s', (most) => {
    recordAll(ledger.store, entries(0, 2_000));
    keep(ledger.store);
    const report = findReport(name);
    if (!report) throw new Error(name);
    const zone = zoneDays('Europe/Berlin', ledger.store.readSpan() ?? ALWAYS);
    const common = { by: [report], breakdown: false, top: null, mostRows: most, zone };
    const request_ = { ...common, window: ALWAYS, madeAt: START };
    const query = { by: report.reads, zone, window: ALWAYS, where: [] };
    const order = report.order === 'cost' ? 'cost' : 'key';
    const ranked = rankedTable(ledger.store.readRanked(query, order), request_);
    const sorted = buildTable(ledger.store.readSums(query), request_);
    expect(ranked.total).toEqual(sorted.total);
    expect(ranked.others).toEqual(sorted.others);
    // Of an autumn night's two hours of one name the earlier one comes first.
    const inTime = sorted.rows.toSorted((a, b) => a.firstAt - b.firstAt);
    expect(ranked.rows).toEqual(order === 'key' ? inTime : sorted.rows);
  });
});
