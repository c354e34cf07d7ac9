// `tollgate team` against PostgreSQL 15, Debian's: init, invite, join, budgets, status, revoke, leave.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliOk, runCli } from '../../support/in-process-cli.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';
import { startTeamServer, type TeamServer } from '../../support/team-database.ts';

let server: TeamServer;
let lead: Sandbox;
let mia: Sandbox;
let url: string;

beforeAll(async () => {
  [server, lead, mia] = await Promise.all([startTeamServer(15), createSandbox(), createSandbox()]);
  await server.createDatabase('acme');
  url = `postgres://postgres@127.0.0.1:${server.port}/acme`;
});
afterAll(async () => {
  await Promise.all([server.remove(), lead.cleanup(), mia.cleanup()]);
});

const now = () => ({ now: Date.now() });
const say = (who: Sandbox, ...words: string[]) => runCli(who, ['team', ...words], now());
const json = async (who: Sandbox, ...words: string[]) =>
  JSON.parse(await cliOk(who, ['team', ...words, '--json'], now())) as Record<string, unknown>;
const init = (...words: string[]) =>
  runCli(lead, ['team', 'init', url, '--developer', 'lead@acme.example', ...words], {
    ...now(),
    env: lead.env({ PGPASSWORD: server.password }),
  });

describe('a team is made', () => {
  test('not with a password in the address, not without one, not over an unchecked connection', async () => {
    const withPassword = url.replace('postgres@', 'postgres:admin@');
    for (const [words, told] of [
      [[withPassword], 'the address holds a password'],
      [[`${url}?sslmode=require`], 'does not check who answers'],
      [['mysql://x/y'], 'no address of a PostgreSQL'],
      [[url, '--developer', 'x'], 'let postgres in'],
    ] as const) {
      const { exitCode, stderr } = await say(lead, 'init', ...words);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(told)]);
    }
  });

  test('once; again it is brought up to date', async () => {
    const first = await init('--json', '--name', 'Acme', '--timezone', 'Europe/Berlin');
    expect(first.stderr).toBe('');
    expect(JSON.parse(first.stdout)).toMatchObject({ outcome: 'made', version: 1, name: 'Acme' });
    expect((await init()).stdout).toContain('is of version 1 already');
    expect(await json(lead, 'status')).toMatchObject({
      membership: { kind: 'manager', developer: 'lead@acme.example', team: 'Acme' },
      timeZone: 'Europe/Berlin',
    });
  });

  test('its password is in a file of its owner alone', () => {
    const file = join(lead.tollgateHome, 'team-password');
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readFileSync(join(lead.tollgateHome, 'team.json'), 'utf8')).not.toContain(
      readFileSync(file, 'utf8').trim(),
    );
  });

  test('its schema can be read before', async () => {
    const { stdout } = await say(mia, 'init', url, '--print-sql');
    expect(stdout).toContain('CREATE FUNCTION flush_entries');
  });
});

describe('a machine joins', () => {
  let code: string;
  test('by an invitation, once', async () => {
    code = String((await json(lead, 'invite', 'mia@acme.example')).code);
    expect((await say(mia, 'join', code.slice(0, -9))).stderr).toContain('cut short');
    expect(await json(mia, 'join', code, '--machine', 'mia-1')).toMatchObject({
      team: 'Acme',
      developer: 'mia@acme.example',
    });
    expect((await say(mia, 'join', code)).stderr).toContain('belongs to the team Acme already');
    const other = await createSandbox();
    expect((await say(other, 'join', code)).stderr).toContain('does not let');
    await other.cleanup();
  });

  test('not by one that has ended', async () => {
    const brief = String((await json(lead, 'invite', 'noa@acme.example', '--expires', '1m')).code);
    const other = await createSandbox();
    const late = { now: Date.now() + 120_000 };
    const { stderr } = await runCli(other, ['team', 'join', brief], late);
    expect(stderr).toContain('this invitation has ended');
    await other.cleanup();
  });

  test('a developer reads budgets and changes none', async () => {
    await cliOk(
      lead,
      ['team', 'budget', 'set', 'day', '--per', 'developer', '--hard', '40'],
      now(),
    );
    expect(await cliOk(mia, ['team', 'budget', 'list'], now())).toBe(
      'day: hard $40.00 per day, for each developer (enforce)\n',
    );
    for (const words of [
      ['budget', 'set', 'day', '--hard', '4000'],
      ['budget', 'remove', 'day'],
      ['invite', 'evil@acme.example'],
    ]) {
      const { exitCode, stderr } = await say(mia, ...words);
      expect([exitCode, stderr]).toEqual([
        2,
        expect.stringContaining("the team's database refused"),
      ]);
    }
  });

  test('budgets are checked before they are sent', async () => {
    for (const [words, told] of [
      [['budget', 'set', 'day'], 'needs a limit'],
      [['budget', 'set', 'day', '--hard', '1', '--soft', '2'], 'above the hard one'],
      [['budget', 'set', 'day', '--hard', 'x'], '--hard'],
      [['budget', 'set', 'day', '--hard', '1', '--per', 'moon'], 'not a scope'],
      [['budget', 'remove', 'none'], 'no budget "none"'],
      [['budget', 'twist'], 'nothing to do with a budget'],
    ] as const) {
      const { exitCode, stderr } = await say(lead, ...words);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(told)]);
    }
  });

  test('one that is revoked asks in vain, and what it held may be given to others', async () => {
    const { membership } = (await json(mia, 'status')) as { membership: { role: string } };
    const { role } = membership;
    for (const action of ['revoke', 'reclaim']) {
      const { exitCode, stderr } = await say(lead, action);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('hint: name its role')]);
    }
    expect(await cliOk(lead, ['team', 'revoke', role], now())).toContain(
      `ten minutes after they have ended: tollgate team reclaim ${role}\n`,
    );
    expect((await say(lead, 'reclaim', role)).stdout).toBe(
      `$0.00 of ${role} may be spent by others\n`,
    );
    expect(await json(lead, 'reclaim', role)).toEqual({
      ...{ schema: 'tollgate/team-reclaim@1', role, returnedNanoUsd: 0 },
    });
    expect((await say(mia, 'status')).stderr).toContain('does not let');
    expect((await say(mia, 'leave')).exitCode).toBe(2);
    expect((await say(mia, 'leave', '--force')).exitCode).toBe(0);
  });

  test('one that leaves has no password any more', async () => {
    const again = String((await json(lead, 'invite', 'mia@acme.example')).code);
    await cliOk(mia, ['team', 'join', again], now());
    expect(await json(mia, 'leave')).toMatchObject({ returnedNanoUsd: 0 });
    expect(() => statSync(join(mia.tollgateHome, 'team-password'))).toThrow();
    expect(await cliOk(mia, ['team', 'status'], now())).toContain('belongs to no team');
  });
});

describe('while others work a manager', () => {
  const totals = async () => (await json(lead, 'status')) as Record<string, unknown>;
  const NOBODY = { labels: {}, sessionId: '', reason: null };

  test('gives more of one window, to one developer of the team', async () => {
    const to = ['--where', 'developer:mia@acme.example', '--reason', 'release'];
    expect(await json(lead, 'grant', 'day', '5', ...to)).toEqual({
      ...{ schema: 'tollgate/team-grant@1', ...NOBODY, budgetId: 'day', reason: 'release' },
      ...{ labels: { developer: 'mia@acme.example' }, amountNanoUsd: 5e9 },
      poolKey: expect.stringContaining('mia@acme.example'),
    });
    const { stdout } = await say(lead, 'grant', 'day', '2.5', ...to.slice(0, 2));
    expect(stdout).toMatch(/^\$2\.50 more for \S*mia@acme\.example/);
    const { pools } = (await totals()) as { pools: { poolKey: string; ceilingNanoUsd: number }[] };
    const pool = pools.find(({ poolKey }) => poolKey.includes('mia@acme.example'));
    expect(pool?.ceilingNanoUsd).toBe(47.5e9);
  });

  test('stops spending and lets it go on', async () => {
    const target = { kind: 'repository', value: 'github.com/acme/shop' };
    expect(await json(lead, 'halt', 'repository:github.com/acme/shop')).toEqual({
      ...{ schema: 'tollgate/team-halt@1', ...target },
    });
    expect((await say(lead, 'halt', 'all')).stdout).toBe(
      'Nothing more is spent of all *, until: tollgate team resume all\n',
    );
    const { kills } = (await totals()) as { kills: object[] };
    expect(kills).toHaveLength(2);
    expect(kills).toEqual(expect.arrayContaining([expect.objectContaining(target)]));
    expect((await say(lead, 'status')).stdout).toContain(
      'Stopped by lead@acme.example: repository github.com/acme/shop\n',
    );
    const resumed = { schema: 'tollgate/team-resume@1', ...target };
    for (const isLifted of [true, false]) {
      const told = await json(lead, 'resume', 'repository:github.com/acme/shop');
      expect(told).toEqual({ ...resumed, isLifted });
    }
    expect((await say(lead, 'resume', 'all')).stdout).toBe('all * may spend again\n');
    expect((await say(lead, 'resume', 'all')).stdout).toBe('all * was not stopped\n');
    expect((await totals()).kills).toEqual([]);
  });

  test('says what machines do that cannot reach the team', async () => {
    expect(await json(lead, 'offline', 'warn')).toEqual({
      ...{ schema: 'tollgate/team-offline@1', offline: 'warn' },
    });
    expect(await totals()).toMatchObject({ offline: 'warn' });
    const { stdout } = await say(lead, 'offline', 'lease');
    expect(stdout).toBe('Machines that cannot reach the team: lease\n');
  });

  test('is told what words are missing, and what to say', async () => {
    for (const [words, told] of [
      [['grant'], 'how much of which budget?'],
      [['grant', 'day', '0'], 'tollgate team grant day 5 --where developer:'],
      [['grant', 'day', 'much'], 'how much of which budget?'],
      [['grant', 'day', '5', '--where', 'moon:1'], 'hint: '],
      [['grant', 'nowhere', '5'], 'nowhere'],
      [['halt'], 'whose spending?'],
      [['halt', 'branch:main'], 'say all, developer:mia@acme.example or repository:'],
      [['resume', 'everything'], 'whose spending?'],
      [['offline', 'explode'], 'say lease (go on within the lease, then halt), halt, or warn'],
    ] as const) {
      const { exitCode, stdout, stderr } = await say(lead, ...words);
      expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringContaining(told)]);
      expect(stderr).toContain('hint: ');
    }
  });
});

test('a password comes from a command, and a server that is gone is said', async () => {
  const script = join(lead.root, 'password.sh');
  writeFileSync(script, `#!/bin/sh\necho ${server.password}\n`, { mode: 0o700 });
  const words = ['team', 'init', url, '--developer', 'x', '--password-command', script];
  expect((await runCli(lead, words, now())).stdout).toContain('already');
  const nowhere = await runCli(
    mia,
    ['team', 'init', 'postgres://x@127.0.0.1:1/y', '--developer', 'x'],
    now(),
  );
  expect([nowhere.exitCode, nowhere.stderr]).toEqual([
    2,
    expect.stringContaining('cannot be reached'),
  ]);
});
