// A ledger from before reports kept columns: it is upgraded when it is opened, and reports say of it what they say of
// one that was always new.
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { REPORTS } from '../../../src/reports/reports.ts';
import { APPLICATION_ID, LEDGER_VERSION } from '../../../src/stores/sqlite/ledger-version.ts';
import { MIGRATIONS } from '../../../src/stores/sqlite/migrations.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import { readTable } from './read-table.ts';

const START = Date.parse('2026-10-24T20:00:00Z');
/** The last step that had no columns. */
const BEFORE_COLUMNS = 4;

let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
});
afterEach(() => ledger.remove());

test('the version of a ledger is the number of its steps', () => {
  expect(MIGRATIONS).toHaveLength(LEDGER_VERSION);
});

test('every report of an upgraded ledger is that of a new one', () => {
  recordAll(
    ledger.store,
    Array.from({ length: 300 }, (_, at) =>
      request({
        id: `msg_${at}`,
        at: START + at * 601_000,
        session: `session-${at % 7}`,
        turn: `turn-${Math.floor(at / 5)}`,
        cost: 1_000 * at + 1,
        labels: { branch: `b${at % 9}`, model: `m${at % 3}` },
      }),
    ),
  );
  const oldPath = join(dirname(ledger.path), 'old.db');
  const old = new Database(oldPath);
  for (const step of MIGRATIONS.slice(0, BEFORE_COLUMNS)) old.exec(step);
  old.pragma(`application_id = ${APPLICATION_ID}`);
  old.pragma(`user_version = ${BEFORE_COLUMNS}`);
  old.exec(`ATTACH '${ledger.path}' AS new`);
  for (const table of ['session', 'attribution', 'entry', 'rollup']) {
    // A table may have got columns since.
    const columns = old.pragma(`table_info(${table})`) as { name: string }[];
    const names = columns.map(({ name }) => name).join(', ');
    old.exec(`INSERT INTO ${table} (${names}) SELECT ${names} FROM new.${table}`);
  }
  old.close();

  const upgraded = openSqliteStore(oldPath);
  for (const { name } of REPORTS) {
    const asked = { by: [name], timeZone: 'Europe/Berlin', isFresh: true };
    expect(readTable(upgraded, asked), name).toEqual(readTable(ledger.store, asked));
  }
  expect(upgraded.readLedgerTotals()).toEqual(ledger.store.readLedgerTotals());
  upgraded.close();
});
