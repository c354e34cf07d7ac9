// Each check against real files and an otherwise healthy world, by the codes it finds.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { alerts } from '../../../src/doctor/alerts.ts';
import { caches } from '../../../src/doctor/caches.ts';
import type { Check, DoctorWorld, InstalledHook } from '../../../src/doctor/check.ts';
import { CHECKS } from '../../../src/doctor/checks.ts';
import { clock } from '../../../src/doctor/clock.ts';
import { configuration } from '../../../src/doctor/configuration.ts';
import { driver } from '../../../src/doctor/driver.ts';
import { examine } from '../../../src/doctor/examine.ts';
import { guard } from '../../../src/doctor/guard.ts';
import { hooks } from '../../../src/doctor/hooks.ts';
import { host } from '../../../src/doctor/host.ts';
import { latency } from '../../../src/doctor/latency.ts';
import { ledger } from '../../../src/doctor/ledger.ts';
import { node } from '../../../src/doctor/node.ts';
import { prices } from '../../../src/doctor/prices.ts';
import { sessions } from '../../../src/doctor/sessions.ts';
import { settings } from '../../../src/doctor/settings.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { TollgateError } from '../../../src/errors.ts';
import { readDriverFacts } from '../../../src/stores/sqlite/ledger-file.ts';
import { readLedgerHealth } from '../../../src/stores/sqlite/ledger-health.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { posixTest } from '../../support/systems.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const BUDGET = '{"budgets":[{"id":"session","soft":"4","hard":"5"}]}';

let root: string;
let ledgerPath: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-doctor-'));
  ledgerPath = join(root, 'state', 'ledger.db');
  openSqliteStore(ledgerPath).close();
  writeFileSync(join(root, 'tollgate.json'), BUDGET);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const hook = (facts: Partial<InstalledHook> = {}): InstalledHook => ({
  scope: 'project',
  event: 'PreToolUse',
  isGate: true,
  isResident: false,
  missingFiles: [],
  blocksOnFailure: true,
  ...facts,
});

const settingsWith = (installed: readonly InstalledHook[]) => ({
  obstacles: [],
  hooksInForce: installed,
  scopes: (['managed', 'local', 'project', 'user'] as const).map((scope) => ({
    scope,
    file: `/${scope}.json`,
    state: 'read' as const,
    hooks: installed.filter((each) => each.scope === scope),
    plugins: [],
  })),
});

function healthy(changes: Partial<DoctorWorld> = {}): DoctorWorld {
  return {
    now: NOW,
    nodeVersion: '24.21.0',
    untold: [],
    stateHome: join(root, 'state'),
    projectRoot: root,
    readDriver: readDriverFacts,
    readPlan: () => ({ readings: [], problems: [] }),
    readSettings: () => settingsWith([hook()]),
    readHost: () => ({
      version: '2.1.330',
      features: [{ name: 'onFailure', since: '2.1.295', has: true }],
    }),
    rehearse: async () => [],
    timeHook: async () => ({ hookMs: 90, nodeMs: 60 }),
    readConfig: () =>
      loadConfig([{ kind: 'project', file: join(root, 'tollgate.json') }], { at: NOW }),
    readLedger: () => readLedgerHealth(ledgerPath),
    readRestorations: () => [],
    readTranscripts: () => [],
    readUnusable: () => [],
    readOtherHomes: () => [],
    readChannelHealth: () => [],
    readHookedSessions: () => new Set(),
    readGuardLosses: () => [],
    readUnguardedPlaces: () => [],
    installedAt: () => NOW - DAY_MS,
    pricesReadOn: '2026-11-21',
    timeZone: 'Europe/Berlin',
    reinstall: async () => undefined,
    ...changes,
  };
}

async function codesOf(check: Check, changes: Partial<DoctorWorld> = {}, fixes = false) {
  const [only] = await examine([check], healthy(changes), fixes);
  return only?.findings.map(({ code }) => code);
}

test('a healthy world has no finding', async () => {
  const examined = await examine(CHECKS, healthy(), false);
  expect(examined.map(({ name }) => name)).toEqual(CHECKS.map(({ name }) => name));
  expect(examined.flatMap(({ findings }) => findings)).toEqual([]);
});

test('every finding says what is wrong and what to do, with nothing left to fill in', async () => {
  const examined = await examine(
    CHECKS,
    healthy({
      nodeVersion: '18.0.0',
      readSettings: () => settingsWith([]),
      readHost: () => ({ version: null, features: [] }),
      timeHook: async () => ({ hookMs: 5_000, nodeMs: 60 }),
      pricesReadOn: '2026-01-01',
      timeZone: '',
    }),
    false,
  );
  const findings = examined.flatMap((each) => each.findings);
  expect(findings.length).toBeGreaterThan(5);
  for (const { message, hint } of findings)
    expect(`${message} ${hint}`).not.toMatch(/\{|undefined/);
});

test.each([
  ['18.20.0', ['NODE_UNSUPPORTED']],
  ['20.18.0', ['NODE_UNSUPPORTED']],
  ['20.19.0', ['NODE_END_OF_LIFE']],
  ['22.13.1', ['NODE_UNSUPPORTED']],
  ['22.14.0', []],
  ['26.0.0', []],
])('Node %s: %j', async (nodeVersion, codes) => {
  expect(await codesOf(node, { nodeVersion })).toEqual(codes);
});

test('what a system does not tell is named', async () => {
  expect(await codesOf(node, { untold: ['keyboard'] })).toEqual(['SYSTEM_TELLS_LESS']);
});

test('the driver: none, or the one of Node', async () => {
  const readDriver = () => {
    throw new TollgateError({
      code: 'LEDGER_DRIVER',
      message: 'it does not load',
      hint: 'rebuild',
    });
  };
  expect(await codesOf(driver, { readDriver })).toEqual(['DRIVER_MISSING']);
  const fallback = { name: 'node:sqlite', version: '24.0.0', sqliteVersion: '3.51.0' } as const;
  expect(await codesOf(driver, { readDriver: () => fallback })).toEqual(['DRIVER_FALLBACK']);
});

describe('ledger', () => {
  posixTest('others may read it, until it is mended', async () => {
    chmodSync(ledgerPath, 0o644);
    chmodSync(join(root, 'state'), 0o755);
    expect(await codesOf(ledger)).toEqual(['LEDGER_PERMISSIONS', 'LEDGER_PERMISSIONS']);
    expect(statSync(ledgerPath).mode & 0o777).toBe(0o644);
    expect(await codesOf(ledger, {}, true)).toEqual([]);
    expect(statSync(ledgerPath).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, 'state')).mode & 0o777).toBe(0o700);
  });

  test('it is no database', async () => {
    for (const suffix of ['-wal', '-shm']) rmSync(ledgerPath + suffix, { force: true });
    writeFileSync(ledgerPath, 'not a database, but long enough to have a header of one'.repeat(20));
    expect(await codesOf(ledger)).toEqual(['LEDGER_DAMAGED']);
  });

  test('it is a folder', async () => {
    rmSync(ledgerPath);
    mkdirSync(ledgerPath, { mode: 0o700 });
    expect(await codesOf(ledger)).toEqual(['LEDGER_UNREADABLE']);
  });

  test('there is none yet', async () => {
    rmSync(join(root, 'state'), { recursive: true });
    expect(await codesOf(ledger)).toEqual([]);
  });
});

test.each([
  ['{"budgets":[{"id":"s","hard":5.00}]}', ['CONFIG_MISTAKE']],
  ['{', ['CONFIG_MISTAKE']],
  ['{}', ['NO_BUDGET']],
  ['{"budgets":[{"id":"s","hard":"5","mode":"observe"}]}', ['BUDGET_NOT_ENFORCED']],
  ['{"budgets":[{"id":"s","soft":"5"}]}', ['BUDGET_NOT_ENFORCED']],
])('configuration %s: %j', async (text, codes) => {
  writeFileSync(join(root, 'tollgate.json'), text);
  const found = (await codesOf(configuration)) ?? [];
  expect([...new Set(found)]).toEqual(codes);
});

test('the configuration is told by what each budget comes to', async () => {
  const [only] = await examine([configuration], healthy(), false);
  expect(only?.facts.budgets).toMatchObject([
    { budgetId: 'session', period: 'session', softNanoUsd: 4e9, hardNanoUsd: 5e9, mode: 'enforce' },
  ]);
});

test('the host: none, or an old one', async () => {
  const features = [{ name: 'onFailure', since: '2.1.295', has: false }];
  expect(await codesOf(host, { readHost: () => ({ version: null, features }) })).toEqual([
    'HOST_MISSING',
  ]);
  expect(await codesOf(host, { readHost: () => ({ version: '2.1.200', features }) })).toEqual([
    'HOST_OLD',
  ]);
});

describe('settings', () => {
  test('two scopes hold hooks', async () => {
    const both = settingsWith([hook(), hook({ scope: 'user' })]);
    expect(await codesOf(settings, { readSettings: () => both })).toEqual(['DOUBLE_INSTALLATION']);
  });

  test('a plugin beside a scope', async () => {
    const found = settingsWith([hook()]);
    const scopes = found.scopes.map((each) =>
      each.scope === 'user' ? { ...each, plugins: ['tollgate@acme'] } : each,
    );
    expect(await codesOf(settings, { readSettings: () => ({ ...found, scopes }) })).toEqual([
      'DOUBLE_INSTALLATION',
    ]);
  });

  test('an obstacle counts where it leaves no hook in force', async () => {
    const found = settingsWith([hook()]);
    const obstacles = [
      { code: 'HOOKS_DISABLED', file: '/local.json', message: 'hooks are off' },
    ] as const;
    const all = { ...found, obstacles };
    expect(await codesOf(settings, { readSettings: () => all })).toEqual([]);
    expect(await codesOf(settings, { readSettings: () => ({ ...all, hooksInForce: [] }) })).toEqual(
      ['HOOKS_DISABLED'],
    );
  });

  test('a file that the host skips, or nobody can read', async () => {
    const found = settingsWith([]);
    const scopes = found.scopes.map((each, index) => ({
      ...each,
      state: index === 0 ? ('skipped' as const) : ('unreadable' as const),
    }));
    const codes = await codesOf(settings, {
      readSettings: () => ({ ...found, scopes: scopes.slice(0, 2) }),
    });
    expect(codes).toEqual(['OTHER_SETTINGS_SKIPPED', 'SETTINGS_UNREADABLE']);
  });
});

describe('hooks', () => {
  const readSettings = (installed: readonly InstalledHook[]) => () => settingsWith(installed);

  test('none are installed', async () => {
    expect(await codesOf(hooks, { readSettings: readSettings([]) })).toEqual([
      'HOOKS_NOT_INSTALLED',
    ]);
  });

  test('a file is gone; mending writes each scope once', async () => {
    const written: string[] = [];
    const gone = hook({ missingFiles: ['/gone.cjs'] });
    const changes = {
      readSettings: readSettings([gone, { ...gone, event: 'Stop' }]),
      reinstall: async (scope: string) => {
        written.push(scope);
      },
    };
    expect(await codesOf(hooks, changes)).toEqual(['HOOK_FILE_MISSING', 'HOOK_FILE_MISSING']);
    await codesOf(hooks, changes, true);
    expect(written).toEqual(['project']);
  });

  test("the administrator's hooks are not written anew", async () => {
    const [only] = await examine(
      [hooks],
      healthy({
        readSettings: readSettings([hook({ scope: 'managed', missingFiles: ['/gone.cjs'] })]),
        reinstall: async () => {
          throw new Error('not ours to write');
        },
      }),
      true,
    );
    expect(only?.fixed).toEqual([]);
  });

  test('one does not answer', async () => {
    const rehearse = async () => [{ event: 'Stop', message: 'exit code 1' }];
    expect(await codesOf(hooks, { rehearse })).toEqual(['HOOK_FAILED']);
  });

  test('they let through when they fail, though the host could block', async () => {
    const weak = readSettings([hook({ blocksOnFailure: false })]);
    expect(await codesOf(hooks, { readSettings: weak })).toEqual(['HOOKS_OUTDATED']);
    const readHost = () => ({
      version: '2.1.200',
      features: [{ name: 'x', since: '', has: false }],
    });
    expect(await codesOf(hooks, { readSettings: weak, readHost })).toEqual([]);
  });
});

test('a slow hook', async () => {
  expect(await codesOf(latency, { timeHook: async () => ({ hookMs: 1_500, nodeMs: 60 }) })).toEqual(
    ['HOOK_SLOW'],
  );
  expect(await codesOf(latency, { timeHook: async () => null })).toEqual([]);
});

test('sessions that no hook told of, since the hooks are there', async () => {
  const asked: number[] = [];
  const session = (sessionId: string) => ({
    sessionId,
    path: `/${sessionId}`,
    startedAt: NOW,
    cwd: null,
  });
  const changes = {
    readTranscripts: (sinceAt: number) => {
      asked.push(sinceAt);
      return [session('seen'), session('unseen')];
    },
    readHookedSessions: () => new Set(['seen']),
  };
  const [only] = await examine([sessions], healthy(changes), false);
  expect(only?.findings).toMatchObject([
    { code: 'SESSIONS_WITHOUT_EVENTS', path: '/unseen', values: { count: 1 } },
  ]);
  await codesOf(sessions, { ...changes, installedAt: () => NOW - 30 * DAY_MS });
  expect(asked).toEqual([NOW - DAY_MS, NOW - 7 * DAY_MS]);
  expect(await codesOf(sessions, { ...changes, installedAt: () => null })).toEqual([]);
});

test('the guard was lost in a session of this week, and is gone from a place', async () => {
  const readGuardLosses = () => [
    { sessionId: 'old', lostAt: NOW - 8 * DAY_MS },
    { sessionId: 'new', lostAt: NOW - DAY_MS },
  ];
  const readUnguardedPlaces = () => ['/shop/.claude/settings.json'];
  const [only] = await examine([guard], healthy({ readGuardLosses, readUnguardedPlaces }), false);
  expect(only?.findings).toMatchObject([
    { code: 'PLACE_UNGUARDED', path: '/shop/.claude/settings.json' },
    { code: 'GUARD_WAS_LOST', values: { count: 1, newest: 'new' } },
  ]);
});

test('the clock is behind the ledger, or behind the prices; the zone is not known', async () => {
  const ahead = { ...readLedgerHealth(ledgerPath), lastSeenAt: NOW + DAY_MS };
  expect(await codesOf(clock, { readLedger: () => ahead })).toEqual(['CLOCK_BEHIND']);
  expect(await codesOf(clock, { now: Date.parse('2020-01-01T00:00:00Z') })).toEqual([
    'CLOCK_BEHIND',
  ]);
  expect(await codesOf(clock, { timeZone: 'Etc/Unknown' })).toEqual(['TIME_ZONE_UNKNOWN']);
});

test.each([
  ['2026-11-21', []],
  ['2026-07-31', []],
  ['2026-07-30', ['PRICES_OLD']],
])('prices of %s: %j', async (pricesReadOn, codes) => {
  expect(await codesOf(prices, { pricesReadOn })).toEqual(codes);
});

posixTest('caches that nobody has used for a month go when asked', async () => {
  const folder = join(root, 'state', 'code-cache');
  mkdirSync(folder);
  writeFileSync(join(folder, 'new.bin'), '');
  writeFileSync(join(folder, 'old.bin'), '');
  const day = (age: number) => (NOW - age * DAY_MS) / 1_000;
  utimesSync(join(folder, 'new.bin'), day(1), day(90));
  utimesSync(join(folder, 'old.bin'), day(31), day(90));
  const [found] = await examine([caches], healthy(), false);
  expect(found?.findings).toMatchObject([{ code: 'STALE_CACHES', values: { count: 1 } }]);
  expect(await codesOf(caches, {}, true)).toEqual([]);
  expect(statSync(join(folder, 'new.bin')).isFile()).toBe(true);
});

test('a check that cannot be made is a finding, and the next one is made', async () => {
  const readLedger = () => {
    throw new TollgateError({ code: 'X', message: 'no way in', hint: 'open it' });
  };
  const examined = await examine([ledger, node], healthy({ readLedger }), false);
  expect(examined.map(({ findings }) => findings.map(({ code }) => code))).toEqual([
    ['CHECK_FAILED'],
    [],
  ]);
});

test('a channel of the configuration that alerts do not get through', async () => {
  writeFileSync(
    join(root, 'config.json'),
    '{ "alerts": { "channels": { "team": { "type": "desktop" } } } }',
  );
  const readConfig = () =>
    loadConfig([{ kind: 'user', file: join(root, 'config.json') }], { at: NOW });
  const health = (channel: string, failingSince: number | null) => () => [
    { channel, lastSentAt: null, failingCount: 1, failingSince, error: 'answered 404' },
  ];
  const found = (channel: string, failingSince: number | null) =>
    codesOf(alerts, { readConfig, readChannelHealth: health(channel, failingSince) });
  expect(await found('team', NOW - DAY_MS)).toEqual(['CHANNEL_FAILING']);
  expect(await found('team', null)).toEqual([]);
  expect(await found('gone', NOW - DAY_MS)).toEqual([]);
});
