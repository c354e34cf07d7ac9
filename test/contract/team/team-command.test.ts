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

  test('one that is revoked asks in vain', async () => {
    const { membership } = (await json(mia, 'status')) as { membership: { role: string } };
    await cliOk(lead, ['team', 'revoke', membership.role], now());
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
