// A write that fails half-way, at a row of any table, throws and leaves nothing behind; the next reading records everything.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claudeCode } from '../../../src/agents/claude-code/claude-code.ts';
import { NOWHERE } from '../../../src/attribution/source.ts';
import { ingestSession } from '../../../src/ingest/ingest-session.ts';
import { planSync } from '../../../src/ingest/sync/plan.ts';
import type { RecordingDeps } from '../../../src/ingest/sync/record-chunks.ts';
import { sync } from '../../../src/ingest/sync/sync.ts';
import { LIST_PRICE } from '../../../src/pricing/policy.ts';
import { pricerOf } from '../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';
import { dumpLedger } from '../../support/ledger-dump.ts';

const RECORDED = join(import.meta.dirname, '../../fixtures/transcripts/resume-fork-compact');
const MAIN = 'f2d1f3d6-82b1-42e3-aa6f-56b758ee921f.jsonl';
const NOW = Date.UTC(2026, 10, 22);
/** Which of a table's writes fails. */
const NTH = [1, 3];

const recording: RecordingDeps = {
  agent: claudeCode,
  pricer: pricerOf(LIST_PRICE, RATE_CARDS),
  labels: { clients: [], ticketPattern: null, labels: {} },
  readPlace: (cwd) => ({ ...NOWHERE, repository: cwd }),
};

type Write = (store: Store, folder: string) => unknown;

const WRITES: Readonly<Record<string, Write>> = {
  'by an event': (store, folder) =>
    store.immediately(() =>
      ingestSession(join(folder, 'projects/shop', MAIN), { ...recording, store }, NOW, null),
    ),
  'by a sync': (store, folder) =>
    sync(planSync([folder], claudeCode, store.readCheckpoints()), {
      agent: claudeCode,
      open: () => ({ store, depsFor: () => recording }),
      clock: () => NOW,
      scanners: [],
      onProgress: () => {},
    }),
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-failed-'));
  cpSync(join(RECORDED, MAIN), join(folder, 'projects/shop', MAIN));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(WRITES))(
  'what is read %s is recorded whole or not at all',
  async (_, write) => {
    const whole = await recorded('whole.db', write);
    const emptyPath = join(folder, 'empty.db');
    openSqliteStore(emptyPath).close();
    const empty = dumpLedger(emptyPath, true);
    let failedCount = 0;
    for (const { table, verb, nth } of failures(emptyPath)) {
      const path = join(folder, `${table}-${verb}-${nth}.db`);
      cpSync(emptyPath, path);
      failAt(path, table, verb, nth);
      const store = openSqliteStore(path);
      const failure = await attempt(() => write(store, folder));
      if (failure !== null) {
        failedCount += 1;
        expect(failure, `${verb} ${table} ${nth}`).toContain('no more room');
        expect(dumpLedger(path, true), `${verb} ${table} ${nth}`).toEqual(empty);
        mend(path);
        await write(store, folder);
      }
      store.close();
      expect(dumpLedger(path, true), `${verb} ${table} ${nth}`).toEqual(whole);
    }
    expect(failedCount).toBeGreaterThan(15);
  },
);

/** What is in a ledger that nothing disturbed. */
async function recorded(name: string, write: Write) {
  const store = openSqliteStore(join(folder, name));
  await write(store, folder);
  store.close();
  return dumpLedger(join(folder, name), true);
}

function failures(path: string) {
  const database = new Database(path, { readonly: true });
  const tables = database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1",
    )
    .pluck()
    .all() as string[];
  database.close();
  return tables.flatMap((table) =>
    ['INSERT', 'UPDATE'].flatMap((verb) => NTH.map((nth) => ({ table, verb, nth }))),
  );
}

/** Lets the nth write to a table fail, as a full disk would. */
function failAt(path: string, table: string, verb: string, nth: number): void {
  const database = new Database(path);
  database.exec(`CREATE TABLE countdown (writes INTEGER);
    INSERT INTO countdown VALUES (${nth});
    CREATE TRIGGER full_disk BEFORE ${verb} ON ${table} BEGIN
      UPDATE countdown SET writes = writes - 1;
      SELECT RAISE(ABORT, 'no more room') FROM countdown WHERE writes <= 0;
    END`);
  database.close();
}

function mend(path: string): void {
  const database = new Database(path);
  database.exec('DROP TRIGGER full_disk');
  database.close();
}

async function attempt(write: () => unknown): Promise<string | null> {
  try {
    await write();
    return null;
  } catch (error) {
    return String(error);
  }
}
