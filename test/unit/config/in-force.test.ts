// A configuration may tighten at once. What loosens it counts when a person accepts it, or when only a person can have
// written it: no session ran between the last look at the files and the change.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCachedConfig } from '../../../src/config/config-cache.ts';
import { acceptFiles, readConfigInForce } from '../../../src/config/in-force.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { configSources } from '../../../src/config/paths.ts';
import { unreadCeiling } from '../../../src/config/unread-ceiling.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import { newSession } from '../../../src/ingest/record-fact.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';
import { personEnv } from '../../support/systems.ts';

const MINE = sessionId('11111111-0000-4000-8000-000000000001');
const OTHER = sessionId('22222222-0000-4000-8000-000000000002');
const HOUR = 3_600_000;

let home: string;
let store: Store;
let began: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tollgate-in-force-'));
  store = openSqliteStore(join(home, 'ledger.db'));
  began = Date.now();
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

const project = () => join(home, 'p', '.claude', 'tollgate.json');
const user = () => join(home, '.config', 'tollgate', 'config.json');
function write(file: string, content: unknown) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}
const budget = (hard: string, more: object = {}) => ({
  budgets: [{ id: 's', hard, ...more }],
});

function query(folder = 'p', id: typeof MINE | null = MINE, at = Date.now()) {
  const sources = configSources(join(home, folder), personEnv(home), join(home, 'managed'));
  const stateHome = join(home, 'state');
  const known = readCachedConfig(sources, {
    ...{ stateHome, programVersion: '1', at, loadFully: loadConfig },
  });
  const binds = id !== null;
  return {
    known,
    query: { sources, loadFully: loadConfig, sessionId: id, binds, confirms: binds, at },
  };
}
function inForce(folder?: string, id?: typeof MINE | null, at?: number) {
  const asked = query(folder, id, at);
  return readConfigInForce(asked.known, asked.query, store);
}
const hardOf = ({ config }: ReturnType<typeof inForce>, id = 's') =>
  config.budgets.find((each) => each.id === id)?.hardNanoUsd ?? null;

/** A session that is heard of from `from` to `until`; without an end it runs for as long as this process. */
function session(id: typeof MINE, from: number, until: number | null) {
  store.writeSession({
    ...newSession(id, from),
    lastSeenAt: until ?? from,
    endedAt: until,
    hostPid: process.pid,
  });
}

describe('while a session runs', () => {
  beforeEach(() => {
    write(project(), { ...budget('5'), onFailure: 'halt', fanOut: '2' });
    session(MINE, began - HOUR, null);
    expect(hardOf(inForce())).toBe(5e9);
  });

  test.each<[string, () => void]>([
    ['a limit is raised', () => write(project(), budget('500'))],
    ['a limit is removed', () => write(project(), { budgets: [{ id: 's', soft: '1' }] })],
    ['the mode is lowered', () => write(project(), budget('5', { mode: 'warn' }))],
    ['the scope is another', () => write(project(), budget('5', { scope: { per: 'branch' } }))],
    ['the period is another', () => write(project(), budget('5', { period: 'day' }))],
    ['the budget is renamed', () => write(project(), { budgets: [{ id: 'x', hard: '5' }] })],
    ['no budget is left', () => write(project(), { budgets: [] })],
    ['the settings are gone', () => write(project(), {})],
    ['the file is deleted', () => rmSync(project())],
    ['the folder is deleted', () => rmSync(dirname(project()), { recursive: true })],
    [
      'prices are halved',
      () => write(project(), { ...budget('5'), pricing: { multiplier: '0.5' } }),
    ],
  ])('%s: it waits, here and in a session that begins now', (_, change) => {
    change();
    for (const id of [MINE, OTHER]) {
      const found = inForce('p', id);
      expect(hardOf(found)).toBe(5e9);
      expect(found.config.budgets.find((each) => each.id === 's')).toMatchObject({
        mode: 'enforce',
        period: { kind: 'session' },
        scope: { per: [] },
      });
      expect(found.config.pricing.multiplierPpm).toBe(1_000_000);
      expect(found.waiting.length).toBeGreaterThan(0);
    }
    expect(inForce().isNews).toBe(false);
  });

  test.each<[string, string]>([
    ['broken JSON', '{"budgets": [{'],
    ['an empty file', ''],
    ['a key nobody knows', '{"budget":[{"id":"s","hard":"500"}]}'],
    ['an amount that is none', '{"budgets":[{"id":"s","hard":"lots"}]}'],
    ['another kind of value', '{"budgets":"none"}'],
    ['binary', '\0\0\0'],
    ['a mistake beside a raise', '{"budgets":[{"id":"s","hard":"500"}],"onFailure":"never"}'],
  ])('%s: the last good one holds, and it is a mistake and no change that waits', (_, text) => {
    write(project(), text);
    const found = inForce();
    expect(hardOf(found)).toBe(5e9);
    expect(found.waiting).toEqual([]);
    expect(found.basis).toBe('last-good');
    expect(unreadCeiling(found)).toBeNull();
  });

  test('a tightening counts at once, and is held from then on', () => {
    write(project(), { ...budget('3'), onFailure: 'halt', fanOut: '2' });
    expect(hardOf(inForce())).toBe(3e9);
    write(project(), budget('4'));
    expect(inForce().waiting).toContainEqual({
      ...{ setting: 'budgets.s.hard', inForce: '$3.00', asked: '$4.00', file: project() },
    });
    expect(hardOf(inForce())).toBe(3e9);
  });

  test('a tightening counts beside a loosening that waits', () => {
    write(project(), { budgets: [{ id: 's', hard: '500', soft: '1' }] });
    expect(inForce().config.budgets).toMatchObject([{ hardNanoUsd: 5e9, softNanoUsd: 1e9 }]);
  });

  test('a person accepts: it counts, for every session, and is said', () => {
    write(project(), budget('500'));
    inForce();
    const asked = query('p', null);
    const changed = store.immediately(() =>
      acceptFiles(asked.known, asked.query, 'me@here', store),
    );
    expect(changed.map(({ setting }) => setting)).toContain('budgets.s.hard');
    expect(hardOf(inForce())).toBe(500e9);
    expect(inForce().waiting).toEqual([]);
  });

  test('a cache that was forged, or names other texts, decides nothing', () => {
    const found = inForce();
    const forged = { ...query().known, config: { ...found.config, budgets: [] }, fingerprint: 'x' };
    expect(hardOf(readConfigInForce(forged, query().query, store))).toBe(5e9);
  });

  test('another folder is under its own files, and the session under those it began with too', () => {
    write(user(), { budgets: [{ id: 'day', period: 'day', hard: '20' }] });
    expect(hardOf(inForce('p', MINE), 'day')).toBe(20e9);
    rmSync(user());
    expect(hardOf(inForce('elsewhere', MINE))).toBe(5e9);
    expect(hardOf(inForce('elsewhere', OTHER))).toBeNull();
    expect(hardOf(inForce('elsewhere', OTHER), 'day')).toBe(20e9);
  });
});

describe('a change that no session can have made', () => {
  test('before any, and between two: it counts, and is told once', () => {
    write(project(), budget('5'));
    session(MINE, began - HOUR, began - 1_000);
    expect(hardOf(inForce('p', null))).toBe(5e9);
    write(project(), budget('9'));
    const found = inForce('p', OTHER, Date.now() + 1_000);
    expect(hardOf(found)).toBe(9e9);
    expect(found).toMatchObject({
      waiting: [],
      loosened: [{ setting: 'budgets.s.hard', inForce: '$5.00', asked: '$9.00' }],
    });
    expect(inForce('p', OTHER).loosened).toEqual([]);
  });

  test('not so when a session ended after the last look', () => {
    write(project(), budget('5'));
    inForce('p', null, began - HOUR);
    session(MINE, began - 2 * HOUR, began - 1_000);
    write(project(), budget('9'));
    expect(hardOf(inForce('p', OTHER))).toBe(5e9);
  });
});

test.each<[string, string]>([
  ['broken JSON', '{"budgets": [{'],
  ['an empty file', ''],
  ['a key nobody knows', '{"budget":[{"id":"s","hard":"5"}]}'],
  ['an amount that is none', '{"budgets":[{"id":"s","hard":"lots"}]}'],
  ['another kind of value', '{"budgets":"none"}'],
  ['a budget without an id', '{"budgets":[{"hard":"5"}]}'],
  ['no object', '[]'],
])('%s, and nothing good before: a ceiling was meant and is not known', (_, text) => {
  write(project(), text);
  expect(unreadCeiling(inForce())).toMatchObject({ file: project() });
});
