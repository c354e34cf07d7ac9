// What ends a decision lease, one thing after the other: each time the gate decides again, and its answer counts. And what a
// lease cannot do: let anything through that the gate would have stopped. Real hook processes.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configure, readLedger } from '../support/guarded.ts';
import { runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgateOk } from '../support/tollgate.ts';
import { type WrittenTranscript, writeTranscript } from '../support/transcript.ts';

const ECHO = { tool_name: 'Bash', tool_input: { command: 'echo hello' } };
const BUDGETS = [
  { id: 'session', period: 'session', soft: '9.00', hard: '90.00' },
  { id: 'day', period: 'day', soft: '5.00', hard: '95.00' },
];

let sandbox: Sandbox;
let transcript: WrittenTranscript;
let serial = 0;

const leaseFile = (of = transcript) => join(sandbox.tollgateHome, 'leases', `${of.sessionId}.json`);
const lookOf = (file: string) => (existsSync(file) ? statSync(file).mtimeMs : null);

function respond(outputTokens = 100, of = transcript): void {
  serial += 1;
  const tools = [{ id: `toolu_${serial}`, name: 'Bash', input: {} }];
  of.respond({ id: `msg_${serial}`, usage: { output_tokens: outputTokens }, tools });
}

/** This process is the client of every event. */
const CLIENT = { CLAUDE_PID: String(process.pid) };

/** One tool call; `isFast`: the lease that was there answered it. */
async function tool(fields: object = ECHO, env: Record<string, string> = {}) {
  const before = lookOf(leaseFile());
  const answer = await runHook(
    sandbox,
    'PreToolUse',
    {
      ...{
        session_id: transcript.sessionId,
        transcript_path: transcript.path,
        prompt_id: 'turn-1',
      },
      ...{ tool_use_id: `toolu_${serial}`, ...fields },
    },
    { ...CLIENT, ...env },
  );
  const isFast = before !== null && lookOf(leaseFile()) === before;
  return { ...answer, isFast };
}

const entryCount = () => readLedger(sandbox).entries.length;

beforeEach(async () => {
  sandbox = await createSandbox();
  await configure(sandbox, { budgets: BUDGETS });
  transcript = writeTranscript(sandbox, 'aaaaaaaa-0000-4000-8000-000000000001');
  transcript.prompt('turn-1');
  respond();
  expect((await tool()).isFast).toBe(false);
  respond();
  const { exitCode, output, stderr, isFast } = await tool();
  expect({ exitCode, output, stderr, isFast }).toEqual({
    ...{ exitCode: 0, output: null, stderr: '', isFast: true },
  });
  expect(entryCount()).toBe(2);
});
afterEach(() => sandbox.cleanup());

describe('a lease ends', () => {
  test('with a change of the configuration, and the new one holds', async () => {
    await configure(sandbox, { budgets: [{ id: 'session', period: 'session', hard: '0.001' }] });
    const answer = await tool();
    expect(answer.exitCode).toBe(2);
    expect(answer.output?.continue).toBe(false);
  });

  test('with a configuration in a folder that had none, and in the person’s own', async () => {
    await mkdir(join(sandbox.home, '.config', 'tollgate'), { recursive: true });
    writeFileSync(
      join(sandbox.home, '.config', 'tollgate', 'config.json'),
      '{"budgets":[{"id":"mine","period":"day","hard":"0.001"}]}',
    );
    expect((await tool()).exitCode).toBe(2);
  });

  test('with a halt by hand', async () => {
    await tollgateOk(sandbox, ['halt', '--session', transcript.sessionId, '--reason', 'wait']);
    const answer = await tool();
    expect(answer.exitCode).toBe(2);
    expect(answer.output?.stopReason).toContain('wait');
  });

  test('with what another session spends, when a budget counts both', async () => {
    const other = writeTranscript(sandbox, 'bbbbbbbb-0000-4000-8000-000000000002');
    other.prompt('turn-2');
    respond(210_000, other);
    await runHook(sandbox, 'PostToolBatch', {
      ...{ session_id: other.sessionId, transcript_path: other.path, prompt_id: 'turn-2' },
      tool_calls: [],
    });
    expect((await tool()).isFast).toBe(false);
  });

  test('with its own spending, and what it spends is counted', async () => {
    respond(210_000);
    const answer = await tool();
    expect(answer.isFast).toBe(false);
    expect(answer.output?.systemMessage).toContain('soft limit');
    expect(entryCount()).toBe(3);
  });

  test('with a checkout: what follows counts for the other branch', async () => {
    await sandbox.git('checkout', '--quiet', '-b', 'feature/7');
    expect((await tool()).isFast).toBe(false);
    respond();
    await tool();
    expect(readLedger(sandbox).entries.map(({ branch }) => branch)).toEqual([
      ...['main', 'main', 'feature/7'],
    ]);
  });

  test('with another turn, another model, and other labels in the environment', async () => {
    expect((await tool({ ...ECHO, prompt_id: 'turn-2' })).isFast).toBe(false);
    await tool();
    expect((await tool()).isFast).toBe(true);
    expect((await tool(ECHO, { TOLLGATE_LABELS: 'team=core' })).isFast).toBe(false);
    await tool();
    expect((await tool()).isFast).toBe(true);
    transcript.respond({ id: 'msg_haiku', model: 'claude-haiku-4-5', usage: { output_tokens: 1 } });
    expect((await tool()).isFast).toBe(false);
    expect(entryCount()).toBe(3);
  });

  test('with the beginning of a session, which may go on from another one', async () => {
    const ids = { session_id: transcript.sessionId, transcript_path: transcript.path };
    await runHook(sandbox, 'SessionStart', { ...ids, source: 'resume' }, CLIENT);
    expect(existsSync(leaseFile())).toBe(false);
  });

  test('with its ledger: a new one is filled, and decides', async () => {
    for (const end of ['', '-wal', '-shm']) {
      rmSync(join(sandbox.tollgateHome, `ledger.db${end}`), { force: true });
    }
    respond();
    expect((await tool()).isFast).toBe(false);
    expect(entryCount()).toBe(3);
  });
});

describe('a lease lets nothing through', () => {
  test('that starts a subagent: room is held for it', async () => {
    const agent = { tool_name: 'Agent', tool_input: { subagent_type: 'Explore', prompt: 'look' } };
    await tool(agent);
    const db = new Database(join(sandbox.tollgateHome, 'ledger.db'), { readonly: true });
    const { held } = db.prepare('SELECT count(*) AS held FROM reservation').get() as {
      held: number;
    };
    db.close();
    expect(held).toBe(1);
  });

  test.each([
    ['a command for people', { tool_name: 'Bash', tool_input: { command: 'tollgate grant 5' } }],
    [
      'an edit of the configuration',
      { tool_name: 'Edit', tool_input: { file_path: '.claude/tollgate.json' } },
    ],
    [
      'a command that reaches it',
      { tool_name: 'Bash', tool_input: { command: 'cd .claude && rm tollgate.json' } },
    ],
    [
      'its own lease',
      { tool_name: 'Bash', tool_input: { command: 'echo {} > "$TOLLGATE_HOME/leases/a.json"' } },
    ],
  ])('%s', async (_, fields) => {
    const answer = await tool(fields);
    expect(answer.exitCode).toBe(2);
    expect(answer.output?.hookSpecificOutput?.permissionDecision).toBe('deny');
  });

  test('but it answers commands that write elsewhere', async () => {
    const build = { tool_name: 'Bash', tool_input: { command: 'cd src && npm test > log.txt' } };
    expect(await tool(build)).toMatchObject({ exitCode: 0, output: null, isFast: true });
  });
});

describe('whatever lies in its place', () => {
  test.each([
    ['nothing', () => ''],
    ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ['another shape', () => '{"key":null,"lease":{}}'],
    ['one of another session', (text: string) => text.replaceAll('aaaaaaaa', 'bbbbbbbb')],
    ['one of another version', (text: string) => text.replace('[2,', '[0,')],
  ])('%s: the gate is asked', async (_, change) => {
    writeFileSync(leaseFile(), change(readFileSync(leaseFile(), 'utf8')));
    await configure(sandbox, { budgets: BUDGETS });
    respond();
    expect(await tool()).toMatchObject({ exitCode: 0, output: null });
    expect(entryCount()).toBe(3);
  });
});

test('a file where the leases belong keeps no session from beginning', async () => {
  rmSync(join(sandbox.tollgateHome, 'leases'), { recursive: true });
  writeFileSync(join(sandbox.tollgateHome, 'leases'), '');
  const ids = { session_id: transcript.sessionId, transcript_path: transcript.path };
  const answer = await runHook(sandbox, 'SessionStart', { ...ids, source: 'resume' }, CLIENT);
  expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
  expect(answer.output?.systemMessage ?? '').not.toContain('leases');
  expect(await tool()).toMatchObject({ exitCode: 0, isFast: false });
});

describe('a failure', () => {
  test('of the ledger is told, and the ledger restored', async () => {
    for (const end of ['-wal', '-shm']) {
      rmSync(join(sandbox.tollgateHome, `ledger.db${end}`), { force: true });
    }
    writeFileSync(join(sandbox.tollgateHome, 'ledger.db'), 'this is no database'.repeat(1_000));
    const answer = await tool();
    expect(answer.exitCode).toBe(0);
    expect(answer.output?.systemMessage).toContain('.set-aside-');
  });

  test('to open it at all is told before the client stops waiting', async () => {
    const db = new Database(join(sandbox.tollgateHome, 'ledger.db'));
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE; COMMIT');
    const startedAt = Date.now();
    const answer = await tool();
    db.close();
    expect(answer.exitCode).toBe(2);
    expect(answer.output?.continue).toBe(false);
    expect(Date.now() - startedAt).toBeLessThan(9_000);
  });

  test('to get the lock is told before the client stops waiting', async () => {
    const db = new Database(join(sandbox.tollgateHome, 'ledger.db'));
    db.exec('BEGIN IMMEDIATE');
    const startedAt = Date.now();
    const answer = await tool();
    db.exec('ROLLBACK');
    db.close();
    expect(answer.exitCode).toBe(2);
    expect(answer.output?.continue).toBe(false);
    expect(Date.now() - startedAt).toBeLessThan(9_000);
  });
});
