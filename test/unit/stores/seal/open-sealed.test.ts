// A ledger and its seal: what is put in the ledger's place, or done to the seal, comes to the same totals, halts and grants as before, or
// to a named amount less; and nothing of it passes unsaid.
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { budgetId, sessionId } from '../../../../src/domain/ids.ts';
import { openSealed } from '../../../../src/stores/seal/open-sealed.ts';
import { BRIEF_ENTRY_COUNT, setAsideFiles } from '../../../../src/stores/seal/restore-ledger.ts';
import {
  newestHeader,
  type SealPlaces,
  sealPlaces,
} from '../../../../src/stores/seal/seal-file.ts';
import { readRestorations } from '../../../../src/stores/seal/seal-lines.ts';
import { takeNews } from '../../../../src/stores/seal/seal-news.ts';
import type { Store } from '../../../../src/stores/store.ts';
import { recordAll, request } from '../../../support/ledger-entries.ts';

let folder: string;
let path: string;
let places: SealPlaces;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-seal-'));
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  path = join(folder, 'state', 'ledger.db');
  places = sealPlaces(join(folder, 'state'), join(folder, 'config'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const open = (isCompared = true, isBrief = false): Store =>
  openSealed({ path, places, isCompared, isBrief });
const START = Date.parse('2026-11-28T08:00:00Z');

/** Some requests of two sessions, a halt and a grant; sealed. */
function fill(store: Store, from = 0, count = 10): void {
  recordAll(
    store,
    Array.from({ length: count }, (_, at) =>
      request({
        id: `msg_${from + at}`,
        at: START + (from + at) * 60_000,
        session: `s${(from + at) % 2}`,
        cost: 1_000_000 * (from + at + 1),
        labels: { branch: `b${at % 3}`, model: 'claude-opus-4-5' },
      }),
    ),
  );
  store.seal();
}

function halt(store: Store, id: string): void {
  store.immediately(() =>
    store.writeHalt({
      sessionId: sessionId(id),
      budgetId: budgetId('day'),
      windowKey: 'day|2026-11-28',
      code: 'HARD_LIMIT_REACHED',
      haltedAt: START,
      ceilingNanoUsd: 5_000_000_000,
      spendNanoUsd: 4_900_000_000,
      reason: null,
    }),
  );
}

function grant(store: Store, id: string, amountNanoUsd = 2_000_000_000): void {
  store.immediately(() =>
    store.addGrant({
      ...{ grantId: id, budgetId: budgetId('day'), poolKey: 'day|2026-11-28', amountNanoUsd },
      ...{ reason: 'for the release', author: 'a person', grantedAt: START, expiresAt: null },
    }),
  );
}

const held = { kind: 'project', settings: '{"budgets":[]}', confirmedAt: START, acceptedBy: 'me' };
const hold = (store: Store) =>
  store.immediately(() => store.writeHeldFile({ file: '/repo/.claude/tollgate.json', ...held }));

const issue = (store: Store, number: string) =>
  store.immediately(() =>
    store.addStatement({
      ...{ number, client: 'acme', startAt: START - 1, endAt: START, issuedAt: START },
      ...{ series: 'ACME-2026', document: `{"number":"${number}"}`, digests: { text: 'ab12' } },
    }),
  );

const pin = (store: Store, publicKey = 'AAAA') =>
  store.immediately(() =>
    store.writeMachine({
      ...{ machineId: 'm1', publicKey, name: 'laptop', developer: null },
      ...{ lineCount: 3, head: 'ab', madeAt: START },
    }),
  );

const readPlan = (store: Store, usedRatio: number) =>
  store.immediately(() =>
    store.addPlanReading({
      ...{ window: 'five-hour', usedRatio, resetsAt: START, endAt: START, readAt: START },
      ...{ sessionId: sessionId('s0'), hostTotalNanoUsd: null, spentNanoUsd: 1, rate: null },
    }),
  );

/** What has to be the same whatever happened to the file. */
function provable(store: Store) {
  return {
    totals: store.readLedgerTotals(),
    sessions: ['s0', 's1'].map((id) => store.readSessionTotals(sessionId(id))),
    window: store.readPoolSpend(
      {
        key: 'day|2026-11-28',
        window: { startAt: START - 8 * 3_600_000, endAt: START + 16 * 3_600_000 },
        labels: { branch: 'b1' },
        ...{ sessions: null, turnId: null, agentId: null, isAhead: false },
      },
      { sessionId: sessionId('s0'), agentId: null },
      START,
    ),
    halts: ['s0', 's1'].map((id) => store.readHalt(sessionId(id))),
    grants: store.readGrants('day|2026-11-28', START),
    held: store.readHeldFiles(['/repo/.claude/tollgate.json']),
    statements: store.readStatements(),
    machines: store.readMachines(),
    planReadings: store.readPlanReadings('five-hour', 1),
  };
}

/** A ledger with something in it, closed; answers what it holds. */
function filled(): ReturnType<typeof provable> {
  const store = open();
  fill(store);
  halt(store, 's1');
  grant(store, 'g1');
  hold(store);
  issue(store, 'ACME-2026-1');
  for (const usedRatio of [0.25, 0.5]) readPlan(store, usedRatio);
  pin(store);
  const before = provable(store);
  store.close();
  expect(takeNews(path)).toEqual([]);
  expect(before.totals.costNanoUsd).toBe(55_000_000);
  return before;
}

function reopened(isCompared = true): ReturnType<typeof provable> {
  const store = open(isCompared);
  const found = provable(store);
  store.close();
  return found;
}

const causes = () => readRestorations(places).map(({ cause }) => cause);
const remove = () => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
};
function put(text: string): void {
  remove();
  writeFileSync(path, text, { mode: 0o600 });
}

test('a new ledger is no tampered one, and neither is one that goes on', () => {
  open().close();
  const store = open();
  fill(store);
  store.close();
  const again = open();
  fill(again, 10);
  again.close();
  expect(reopened().totals.requestCount).toBe(20);
  expect(takeNews(path)).toEqual([]);
  expect(readFileSync(places[0])).toEqual(readFileSync(places[1]));
  if (process.platform !== 'win32')
    for (const file of places) expect(statSync(file).mode & 0o777).toBe(0o600);
});

/** Everything in the file itself, and nobody has it open: Windows neither moves nor removes what somebody has. */
function checkpoint(): void {
  const database = new Database(path);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

describe("in the ledger's place", () => {
  test.each([
    ['nothing', 'gone', remove],
    ['an empty file', 'gone', () => put('')],
    ['a text', 'damaged', () => put('no ledger. '.repeat(99))],
    [
      "another program's database",
      'foreign',
      () => {
        remove();
        new Database(path).exec('CREATE TABLE bookmark (url TEXT)').close();
      },
    ],
    [
      'another ledger',
      'replaced',
      () => {
        remove();
        openSealed({
          ...{ path, places: sealPlaces(folder, folder), isCompared: false, isBrief: false },
        }).close();
      },
    ],
    [
      'half of it',
      'damaged',
      () => {
        checkpoint();
        truncateSync(path, statSync(path).size / 2);
      },
    ],
  ])('%s is found, set aside, and all comes back', (_, cause, replace) => {
    const before = filled();
    replace();
    const wasThere = existsSync(path);
    expect(reopened()).toEqual(before);
    expect(causes()).toEqual([cause]);
    expect(setAsideFiles(path)).toHaveLength(wasThere ? 1 : 0);
    const news = takeNews(path);
    expect(news).toHaveLength(1);
    expect(news[0]).toContain('$0.0550');
    // Said once, and the ledger goes on.
    expect(reopened()).toEqual(before);
    expect(takeNews(path)).toEqual([]);
    const store = open();
    fill(store, 10);
    store.close();
    expect(reopened().totals.requestCount).toBe(20);
  });

  test('an older copy is found without comparing what it holds', () => {
    filled();
    checkpoint();
    copyFileSync(path, join(folder, 'copy.db'));
    const store = open();
    fill(store, 10);
    grant(store, 'g2');
    fill(store, 20);
    const before = provable(store);
    store.close();
    remove();
    copyFileSync(join(folder, 'copy.db'), path);
    expect(reopened(false)).toEqual(before);
    expect(causes()).toEqual(['older']);
  });

  test('a copy from just before lacks one line, which is put back', () => {
    filled();
    checkpoint();
    copyFileSync(path, join(folder, 'copy.db'));
    const store = open();
    grant(store, 'g2');
    const before = provable(store);
    store.close();
    remove();
    copyFileSync(join(folder, 'copy.db'), path);
    expect(reopened()).toEqual(before);
    expect(takeNews(path)).toHaveLength(1);
    expect(reopened()).toEqual(before);
    expect(takeNews(path)).toEqual([]);
  });
});

test.each([
  ['a halt is taken out', 'DELETE FROM latch'],
  ['a machine gets another key', "UPDATE machine SET public_key = 'BBBB'"],
  [
    'a grant is put in',
    "INSERT INTO grant_line SELECT 'x', budget_id, pool_key, 9, NULL, 'me', 1, NULL FROM grant_line",
  ],
  [
    'entries are taken out',
    'DROP TRIGGER entry_is_never_deleted; DELETE FROM entry WHERE seq < 4; DELETE FROM rollup',
  ],
  [
    'an entry costs less',
    'DROP TRIGGER entry_is_never_changed; UPDATE entry SET cost_nano_usd = 1 WHERE seq = 9',
  ],
  ['what counts is loosened', "UPDATE held_file SET settings = '{}'"],
  ['a statement is taken out', 'DROP TRIGGER statement_never_goes; DELETE FROM statement'],
])('%s with SQL: the ledger is restored', (_, statements) => {
  const before = filled();
  const edited = new Database(path);
  edited.exec(statements);
  edited.close();
  expect(reopened()).toEqual(before);
  expect(causes()).toEqual(['changed']);
});

describe('the seal', () => {
  test.each([0, 1])('in one place is deleted: it is copied back (%i)', (place) => {
    const before = filled();
    rmSync(places[place] ?? '');
    expect(reopened()).toEqual(before);
    const store = open();
    grant(store, 'g2');
    store.close();
    expect(readFileSync(places[0])).toEqual(readFileSync(places[1]));
    expect(takeNews(path)).toHaveLength(1);
  });

  test.each([0, 1])(
    'in one place is edited, and the ledger is gone: the other place tells all (%i)',
    (place) => {
      const before = filled();
      const file = places[place] ?? '';
      const [first, ...rest] = readFileSync(file, 'latin1').split('\n');
      writeFileSync(file, [`x${first?.slice(1)}`, ...rest].join('\n'));
      remove();
      expect(reopened()).toEqual(before);
    },
  );

  test('in both places is deleted: the ledger stays, and it is sealed anew', () => {
    const before = filled();
    for (const file of places) rmSync(file);
    expect(reopened()).toEqual(before);
    expect(takeNews(path)).toHaveLength(1);
    remove();
    expect(reopened()).toEqual(before);
  });

  test('that has lost a line says how much is missing', () => {
    const store = open();
    fill(store);
    fill(store, 10);
    halt(store, 's1');
    store.close();
    for (const file of places) {
      const lines = readFileSync(file, 'latin1').split('\n');
      writeFileSync(file, lines.filter((_, at) => at !== 1).join('\n'));
    }
    remove();
    const found = reopened();
    expect(found.totals.costNanoUsd).toBe(55_000_000);
    expect(found.halts[1]?.code).toBe('HARD_LIMIT_REACHED');
    expect(takeNews(path)[0]).toContain('$0.16 is missing');
    // What is left is sealed anew.
    remove();
    expect(reopened()).toEqual(found);
  });

  test('a line that was cut by a crash is written over', () => {
    const before = filled();
    for (const file of places) appendFileSync(file, 'bm8gd2hvbGUgbGlu');
    expect(reopened()).toEqual(before);
    const store = open();
    grant(store, 'g2');
    const later = provable(store);
    store.close();
    remove();
    expect(reopened()).toEqual(later);
  });

  test('in a second place that cannot be written to is said once', () => {
    writeFileSync(join(folder, 'config'), 'no folder');
    const before = filledWithNews(1);
    const store = open();
    grant(store, 'g2');
    store.close();
    expect(takeNews(path)).toEqual([]);
    remove();
    expect(reopened().totals).toEqual(before.totals);
  });
});

function filledWithNews(count: number) {
  const store = open();
  fill(store);
  const before = provable(store);
  store.close();
  expect(takeNews(path)).toHaveLength(count);
  return before;
}

test('what is set aside again and again is kept five times', () => {
  filled();
  for (let count = 0; count < 7; count += 1) {
    put('no ledger. '.repeat(99));
    open().close();
  }
  expect(setAsideFiles(path)).toHaveLength(5);
  expect(readdirSync(join(folder, 'state')).filter((name) => name.includes('.restored'))).toEqual(
    [],
  );
});

test('whoever waits is not kept until a large ledger is restored, and adds up a small one only', () => {
  const store = open();
  fill(store, 0, BRIEF_ENTRY_COUNT + 1);
  while (store.readSealMark().entryCount <= BRIEF_ENTRY_COUNT) store.seal();
  const before = store.readLedgerTotals();
  store.close();
  const edited = new Database(path);
  edited.exec(
    'DROP TRIGGER entry_is_never_changed; UPDATE entry SET cost_nano_usd = 1 WHERE seq = 9',
  );
  edited.close();
  open(true, true).close();
  expect(causes()).toEqual([]);
  remove();
  expect(() => open(true, true)).toThrow(
    expect.objectContaining({ code: 'LEDGER_BEING_RESTORED' }),
  );
  const restored = open();
  expect(restored.readLedgerTotals()).toEqual(before);
  restored.close();
});

// Only root can have a file in another user's home.
test.skipIf(process.getuid?.() !== 0)('a seal of whoever owns the home folder is believed', () => {
  const home = process.env.HOME;
  try {
    process.env.HOME = folder;
    const store = open();
    fill(store);
    store.seal();
    store.close();
    for (const owned of [folder, ...places]) chownSync(owned, 12_345, 12_345);
    expect(newestHeader(places)?.entryCount).toBe(10);
    for (const owned of places) chownSync(owned, 54_321, 54_321);
    expect(newestHeader(places)).toBe(null);
  } finally {
    process.env.HOME = home;
  }
});
