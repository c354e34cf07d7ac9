// A million entries: every report adds up to all of them. How long that takes is measured by `npm run bench -- reports`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPORTS } from '../../../src/reports/reports.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';
import { type LargeLedger, writeLargeLedger } from '../../support/large-ledger.ts';
import { runs } from '../../support/runs.ts';
import { readTable } from './read-table.ts';

const NAMES = [...REPORTS.map(({ name }) => name), 'label:team'];
const home = mkdtempSync(join(tmpdir(), 'tollgate-million-'));
let written: LargeLedger;
let store: Store;

beforeAll(() => {
  written = writeLargeLedger(join(home, 'ledger.db'), runs(1_000_000));
  store = openSqliteStore(join(home, 'ledger.db'));
}, 300_000);
afterAll(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

test.each(NAMES)('--by %s adds up', (name) => {
  const { rows, total } = readTable(store, { by: [name], isFresh: true });
  expect(total.costNanoUsd).toBe(written.costNanoUsd);
  expect(total.requestCount).toBe(written.entryCount);
  expect(rows.reduce((sum, row) => sum + row.costNanoUsd, 0)).toBe(written.costNanoUsd);
});
