// A ledger that cannot be used: a decision all the same, from the transcript and the totals kept beside the ledger. Far below a
// ceiling the session goes on and is warned, near it it is halted, and nothing that happened meanwhile is lost.
import { appendFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GuardOptions, guard, readLedger } from '../support/guarded.ts';
import { type HookAnswer, runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { prompt, response } from '../support/transcript-lines.ts';

let sandbox: Sandbox;
let held: Database.Database | null = null;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(async () => {
  held?.close();
  held = null;
  await sandbox.cleanup();
});

const session = [{ id: 'session', hard: '5.00' }];
const ledgerFile = () => join(sandbox.tollgateHome, 'ledger.db');

/** A guarded session with one response of $0.0075, whose first prompt was decided with the ledger; its next event. */
async function begin(options: GuardOptions, id = 's1') {
  await guard(sandbox, options);
  const folder = join(sandbox.home, '.claude', 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  const transcript_path = join(folder, `${id}.jsonl`);
  writeFileSync(transcript_path, `${prompt('t1')}${response({ id: `${id}-m1`, session: id })}`);
  const event = { session_id: id, transcript_path, prompt: 'go on', prompt_id: 'p2' };
  const first = await runHook(sandbox, 'UserPromptSubmit', event);
  expect(first.exitCode).toBe(0);
  return event;
}

function lock(): void {
  held = new Database(ledgerFile());
  held.exec('BEGIN IMMEDIATE');
}

const unlock = () => {
  held?.close();
  held = null;
};

/** Writes responses that cost so many dollars to a transcript. */
function spend(event: { transcript_path: string; session_id: string }, usd: number): void {
  const line = response({
    ...{ id: `big-${usd}`, session: event.session_id, at: 5 },
    output: usd * 40_000,
    input: 0,
  });
  appendFileSync(event.transcript_path, line);
}

const afterTools = (event: object) =>
  runHook(sandbox, 'PostToolBatch', { ...event, tool_calls: [] });
const isHalt = ({ output, exitCode }: HookAnswer): boolean =>
  exitCode === 2 && output?.continue === false;

test('far below the ceiling a locked ledger warns, names who holds it, and loses nothing', async () => {
  const event = await begin({ budgets: session });
  lock();
  spend(event, 0.1);
  const answered = await afterTools(event);
  expect(answered.exitCode).toBe(0);
  expect(answered.output?.continue).toBeUndefined();
  expect(answered.output?.systemMessage).toContain(`kill ${process.pid}`);
  expect(answered.output?.systemMessage).toContain('$0.11 of $5.00');
  unlock();
  const next = await afterTools(event);
  expect(next.output?.systemMessage ?? '').not.toContain('without its ledger');
  expect(readLedger(sandbox).sessions[0]?.costNanoUsd).toBe(107_500_000);
});

test('near the ceiling it halts, in warn mode it goes on', async () => {
  const event = await begin({ budgets: session });
  lock();
  spend(event, 4.2);
  expect(isHalt(await afterTools(event))).toBe(true);
  unlock();
  await guard(sandbox, { budgets: session, config: { onFailure: 'warn' } });
  lock();
  const warned = await afterTools(event);
  expect(warned.exitCode).toBe(0);
  expect(warned.output?.systemMessage).toContain('$4.21 of $5.00');
});

test('what others have spent of a shared window counts as it was known last', async () => {
  const day = { budgets: [{ id: 'day', period: 'day', hard: '1.00' }] };
  const now = Date.now();
  const event = await begin(day);
  const other = await begin(day, 's2');
  const line = response({ id: 'now', session: 's2', output: 32_000, input: 0 });
  const stamped = line.replace(
    /"timestamp":"[^"]*"/,
    `"timestamp":"${new Date(now).toISOString()}"`,
  );
  appendFileSync(other.transcript_path, stamped);
  lock();
  expect(isHalt(await afterTools(event))).toBe(false);
  unlock();
  // $0.80 of the day: kept by the other session's next prompt.
  await runHook(sandbox, 'UserPromptSubmit', other);
  lock();
  expect(isHalt(await afterTools(event))).toBe(true);
});

test('a window that nobody has kept a total of halts', async () => {
  const event = await begin({ budgets: [{ id: 'day', period: 'day', hard: '1.00' }] });
  rmSync(join(sandbox.tollgateHome, 'last-totals'), { recursive: true });
  lock();
  expect(isHalt(await afterTools(event))).toBe(true);
});

test("a person's halt stands while the ledger cannot be written", async () => {
  const event = await begin({ budgets: session });
  await runHook(sandbox, 'UserPromptSubmit', { ...event, prompt: '/budget halt' });
  lock();
  const answered = await afterTools(event);
  expect(isHalt(answered)).toBe(true);
  expect(answered.stderr).toContain('halted by hand');
});

test('what only people may change stays refused', async () => {
  const event = await begin({ budgets: session });
  lock();
  const file_path = ledgerFile();
  const tool = {
    tool_name: 'Write',
    tool_input: { file_path, content: '' },
    tool_use_id: 'toolu_9',
  };
  const answered = await runHook(sandbox, 'PreToolUse', { ...event, ...tool });
  expect(answered.output?.hookSpecificOutput?.permissionDecision).toBe('deny');
});

test('a ledger that is a folder is said to be one, and far below the ceiling the session goes on', async () => {
  const event = await begin({ budgets: session });
  for (const suffix of ['', '-wal', '-shm']) rmSync(ledgerFile() + suffix, { force: true });
  mkdirSync(ledgerFile());
  const answered = await afterTools(event);
  expect(answered.exitCode).toBe(0);
  expect(answered.output?.systemMessage).toContain('is not a plain file');
});

test('last totals are private to their owner and hold no words of the session', async () => {
  const event = await begin({ budgets: session });
  const file = join(sandbox.tollgateHome, 'last-totals', `${event.session_id}.json`);
  expect(existsSync(file)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(sandbox.tollgateHome, 'last-totals')).mode & 0o777).toBe(0o700);
});
