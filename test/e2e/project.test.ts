// Projects from the command line: figures against plan, time and work, the forecast, the margin, and a ceiling that the gate knows.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { cliOk, runCli } from '../support/in-process-cli.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { basicPath, createSandbox, type Sandbox } from '../support/sandbox.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox();
  configure({});
  mkdirSync(sandbox.tollgateHome, { recursive: true });
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  // Ten dollars a day for ten days, each on a branch of its own; what came before the first day and elsewhere is none of it.
  const work = Array.from({ length: 10 }, (_, index) => ({
    at: `2026-11-${String(index + 11).padStart(2, '0')}T09:00:00Z`,
    labels: {
      repository: 'github.com/acme/SHOP',
      branch: `feat/${index}`,
      pullRequest: `${index}`,
    },
  }));
  recordAll(store, [
    ...work.map((each, index) => request({ ...each, id: `w${index}`, cost: 10e9 })),
    request({ id: 'early', at: '2026-11-10T22:00:00Z', cost: 7e9, labels: work[0]?.labels ?? {} }),
    request({ id: 'other', at: NOW - 1, cost: 5e9, labels: { repository: 'github.com/acme/web' } }),
    request({ id: 'app', at: NOW - 1, cost: 0, labels: { repository: 'github.com/acme/app' } }),
  ]);
  store.close();
});
afterAll(() => sandbox.cleanup());

function configure(more: object): void {
  const folder = join(sandbox.home, '.config/tollgate');
  mkdirSync(folder, { recursive: true });
  const relaunch = {
    ...{ title: 'Relaunch', client: 'Acme', from: '2026-11-11', until: '2026-11-30' },
    repositories: ['github.com/Acme/Shop', 'git@github.com:acme/app.git'],
    ...{ price: '9000.00', currency: 'EUR', plannedCost: '100.00', pullRequests: 40 },
    kinds: { features: 'feat/*' },
    ...more,
  };
  const statements = { rates: [{ currency: 'EUR', on: '2026-01-01', rate: '0.9' }] };
  const config = { timeZone: 'UTC', projects: { relaunch }, statements };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

interface Answer {
  readonly projects: readonly Record<string, unknown>[];
}
const project = async (...words: readonly string[]) =>
  (JSON.parse(await cliOk(sandbox, ['project', ...words, '--json'])) as Answer).projects[0];

test('spend of its days and repositories against plan and time, and the margin by the rate', async () => {
  const told = await project('relaunch');
  expect(told).toMatchObject({
    ...{ spentNanoUsd: 100e9, planRatio: 1, dayCount: 11, dayTotal: 20, timeRatio: 0.525 },
    ...{ mergedCount: null, workRatio: null, work: { known: false }, byWork: null },
    budget: { id: 'project-relaunch', softNanoUsd: 100e9, hardNanoUsd: null },
  });
  // 100 of 10.5 days, 9.5 to come; of 10 000 dollars.
  expect(told?.forecast).toMatchObject({ basis: 'time', expectedNanoUsd: 190_476_190_476 });
  const margin = told?.margin as Record<string, number>;
  expect(margin).toMatchObject({ priceNanoUsd: 10_000e9, lostPoints: 0 });
  expect(margin.expectedPoints).toBeCloseTo(0.9048, 4);
});

test('merged pull requests are the better measure, said or asked of gh', async () => {
  const said = await project('--merged', '8');
  expect(said).toMatchObject({ mergedCount: 8, workRatio: 0.2 });
  expect(said?.forecast).toMatchObject({ basis: 'work', expectedNanoUsd: 500e9 });

  const bin = join(sandbox.root, 'bin');
  mkdirSync(bin, { recursive: true });
  const list = Array.from({ length: 6 }, (_, number) => ({
    ...{ number, headRefName: `feat/${number}` },
    mergedAt: number === 5 ? '2026-11-09T00:00:00Z' : '2026-11-15T00:00:00Z',
  }));
  const file = join(sandbox.root, 'merged.json');
  writeFileSync(file, JSON.stringify(list));
  const script = `#!/bin/sh\ncase "$*" in *Acme/Shop*merged*) cat "${file}";; *) echo '[]';; esac\n`;
  writeFileSync(join(bin, 'gh'), script, { mode: 0o755 });
  const env = sandbox.env({ PATH: `${bin}:${basicPath}`, TOLLGATE_GH: '' });
  const asked = JSON.parse(await cliOk(sandbox, ['project', '--json'], { env })) as Answer;
  expect(asked.projects[0]).toMatchObject({ mergedCount: 5, workRatio: 0.125 });
  expect(asked.projects[0]?.forecast).toMatchObject({ basis: 'work', expectedNanoUsd: 800e9 });
  expect(asked.projects[0]?.features).toMatchObject([{ kind: 'features', count: 5 }]);
});

const text = async (now: number, ...words: readonly string[]) =>
  (await cliOk(sandbox, ['project', ...words], { now, columns: 200 })).replace(/ {2,}/g, '  ');

test('for people the same figures are in lines, each with what it is held against', async () => {
  expect((await text(NOW, '--merged', '8')).split('\n')).toEqual([
    'relaunch: Relaunch, for Acme, 2026-11-11 to 2026-11-30',
    '  plan  $100.00 spent of $100.00 planned: 100.0 %',
    '  time  day 11 of 20: 52.5 % passed',
    '  work  8 pull requests of 40 merged: 20.0 % done',
    expect.stringMatching(/^ {2}forecast {2}\$500\.00 at the end by work \(8 of 10: \$/),
    expect.stringMatching(/^ {2}\$190\.48 at the end by time \(8 of 10: \$/),
    expect.stringMatching(
      /^ {2}margin {2}0\.00 points of \$10,?000\.00 lost so far; \d\.\d\d lost/,
    ),
    '  limits  warns at $100.00 (budget project-relaunch)',
    '  developers  (unattributed) $100.00',
    '',
    '  kind  features  least  quartile  median  quartile  most  all',
    '  features  10  $10.00  $10.00  $10.00  $10.00  $17.00  $107.00',
    '',
    '',
  ]);
  const before = await text(Date.parse('2026-11-01T12:00:00Z'));
  expect(before).toContain('  time  begins 2026-11-11\n');
  expect(before).toContain('  forecast  too little is over to tell\n');
  expect(before).toContain('  work  merged pull requests are not known (');
  configure({ plannedCost: undefined, pullRequests: undefined, hard: '150.00', title: undefined });
  const bare = await text(NOW, '--merged', '1');
  expect(bare).toMatch(/^relaunch, for Acme, /);
  expect(bare).toContain('in 11 requests; no "plannedCost" to hold it against\n');
  expect(bare).toContain('1 pull request merged; no "pullRequests" to hold it against\n');
  expect(bare).toContain('  limits  halts at $150.00: 66.7 % used (budget project-relaunch)\n');
  configure({});
  const features = await text(NOW, '--features', '--kind', 'feat/*');
  expect(features).toMatch(
    /^What features have cost \(all branches, merged or not\):\n\n {2}kind /,
  );
  expect(await text(NOW, '--features', '--kind', 'none/*')).toBe(
    'No branch of such a kind has cost anything.\n',
  );
});

test('features of a kind have a median and quartiles, over every repository', async () => {
  const words = ['project', '--features', '--kind', 'feat/*', '--kind', 'first=feat/0', '--json'];
  const { features } = JSON.parse(await cliOk(sandbox, words)) as { features: { kinds: unknown } };
  expect(features.kinds).toMatchObject([
    { kind: 'feat/*', count: 10, medianNanoUsd: 10e9, mostNanoUsd: 17e9 },
    { kind: 'first', count: 1, medianNanoUsd: 17e9 },
  ]);
});

test('its limits are a budget: of its days and of all its repositories', async () => {
  configure({ hard: '150.00' });
  const told = await project();
  expect(told?.budget).toMatchObject({ hardNanoUsd: 150e9, mode: 'enforce' });
  const config = JSON.parse(await cliOk(sandbox, ['config', '--json'])) as {
    config: { budgets: unknown };
  };
  expect(config.config.budgets).toMatchObject([
    {
      id: 'project-relaunch',
      scope: { where: { repository: 'github.com/Acme/Shop|github.com/acme/app' } },
      period: { kind: 'dates', from: '2026-11-11', until: '2026-11-30', timeZone: 'UTC' },
      hardNanoUsd: 150e9,
    },
  ]);
});

test('mistakes are told with their place', async () => {
  const wrong = [
    [{ until: '2026-11-01' }, 'until'],
    [{ soft: '200', hard: '150' }, 'soft'],
    [{ plannedCost: 5 }, 'plannedCost'],
    [{ pullRequest: 5 }, 'pullRequest'],
  ] as const;
  for (const [settings, path] of wrong) {
    configure(settings);
    const { exitCode, stderr } = await runCli(sandbox, ['project']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`projects.relaunch.${path}`)]);
  }
  configure({});
  expect((await runCli(sandbox, ['project', 'nothing'])).stderr).toContain('relaunch');
});
