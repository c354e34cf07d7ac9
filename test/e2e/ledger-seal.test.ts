// A session whose ledger is taken away, exchanged or damaged while it runs, by the built hooks: what was spent, halted and granted
// counts as before at the very next event, and the person is told.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BRIEF_ENTRY_COUNT } from '../../src/stores/seal/restore-ledger.ts';
import { openLedger } from '../../src/wire.ts';
import { guard, readLedger } from '../support/guarded.ts';
import { runHook } from '../support/hook-process.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { prompt, response } from '../support/transcript-lines.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const ledgerFile = () => join(sandbox.tollgateHome, 'ledger.db');
const seals = () => {
  const config = join(sandbox.home, '.config', 'tollgate');
  const second = readdirSync(config).filter((name) => name.endsWith('.seal'));
  return [join(sandbox.tollgateHome, 'ledger.seal'), ...second.map((name) => join(config, name))];
};

/** A session whose one turn has cost so many dollars today, and is over. */
async function turn(id: string, usd: number, isOver = true) {
  const folder = join(sandbox.home, '.claude', 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  const transcript_path = join(folder, `${id}.jsonl`);
  const line = response({ id: `${id}-m1`, session: id, output: usd * 40_000, input: 0 });
  const now = `"timestamp":"${new Date().toISOString()}"`;
  writeFileSync(transcript_path, `${prompt('t1')}${line.replace(/"timestamp":"[^"]*"/, now)}`);
  const event = { session_id: id, transcript_path, prompt: 'go on', prompt_id: 'p2' };
  await runHook(sandbox, 'SessionStart', { ...event, source: 'startup' });
  const first = await runHook(sandbox, 'PostToolBatch', { ...event, tool_calls: [] });
  if (isOver) await runHook(sandbox, 'Stop', event);
  return { event, first };
}

const ask = (event: object) => runHook(sandbox, 'PostToolBatch', { ...event, tool_calls: [] });
const spent = () => readLedger(sandbox).sessions.reduce((sum, each) => sum + each.costNanoUsd, 0);
const remove = () => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(ledgerFile() + suffix, { force: true });
};

test("a ledger that is deleted in a session is restored before the day's window is decided", async () => {
  // What s1 holds for its next request is let go some seconds after its turn: both fit.
  await guard(sandbox, { budgets: [{ id: 'day', period: 'day', hard: '14.00' }] });
  const other = await turn('s1', 4.5);
  // Its transcript is gone, too: only the seal knows what it has spent.
  rmSync(other.event.transcript_path);
  const { event, first } = await turn('s2', 0.2);
  expect(first.exitCode).toBe(0);
  const before = spent();
  expect(seals()).toHaveLength(2);
  remove();
  rmSync(join(sandbox.tollgateHome, 'ledger.seal'));
  const answered = await ask(event);
  expect(answered.output?.systemMessage).toContain('$4.70');
  expect(spent()).toBe(before);
  expect((await ask(event)).output?.systemMessage ?? '').not.toContain('restored');
  const third = await turn('s3', 9.4);
  expect(third.first.exitCode).toBe(2);
});

test('a halt stands after the ledger was exchanged for an empty one or a text', async () => {
  await guard(sandbox, { budgets: [{ id: 'session', hard: '1.00' }] });
  const { event, first } = await turn('s1', 1.2);
  expect(first.exitCode).toBe(2);
  for (const text of ['', 'no ledger. '.repeat(200)]) {
    remove();
    rmSync(event.transcript_path, { force: true });
    writeFileSync(ledgerFile(), text, { mode: 0o600 });
    const answered = await runHook(sandbox, 'UserPromptSubmit', event);
    expect(answered.output?.continue === false || answered.output?.decision === 'block').toBe(true);
    expect(readLedger(sandbox).sessions[0]?.costNanoUsd).toBe(1_200_000_000);
  }
  const aside = readdirSync(sandbox.tollgateHome).filter((name) => name.includes('.set-aside-'));
  expect(aside.filter((name) => name.endsWith('Z'))).toHaveLength(2);
});

test('bits that flip in any page cost nothing of what was spent', async () => {
  await guard(sandbox, { budgets: [{ id: 'day', period: 'day', hard: '50.00' }] });
  const { event } = await turn('s1', 0.5);
  await turn('s2', 0.7);
  const folded = new Database(ledgerFile());
  folded.pragma('wal_checkpoint(TRUNCATE)');
  folded.close();
  const whole = readFileSync(ledgerFile());
  const before = spent();
  for (let page = 0; page < 6; page += 1) {
    remove();
    const bytes = Buffer.from(whole);
    for (let count = 0; count < 40; count += 1) {
      const at = ((page * 7 + count * 13) * 997) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    }
    writeFileSync(ledgerFile(), bytes, { mode: 0o600 });
    const answered = await runHook(sandbox, 'Stop', event);
    expect(answered.exitCode, `page ${page}`).toBe(0);
    expect(spent(), `page ${page}`).toBe(before);
  }
});

test('the state folder and all in it deleted: grants and spend come back from the other place', async () => {
  await guard(sandbox, { budgets: [{ id: 'day', period: 'day', hard: '5.00' }] });
  const { event } = await turn('s1', 4.5);
  const before = spent();
  rmSync(sandbox.tollgateHome, { recursive: true });
  const answered = await runHook(sandbox, 'UserPromptSubmit', event);
  expect(answered.output?.systemMessage).toContain('$4.50');
  expect(spent()).toBe(before);
  await runHook(sandbox, 'Stop', event);
  const [own, second] = seals();
  expect(existsSync(own ?? '')).toBe(true);
  expect(readFileSync(own ?? '')).toEqual(readFileSync(second ?? ''));
});

test('a large ledger is restored beside the session, which goes on with what is known of it', async () => {
  await guard(sandbox, { budgets: [{ id: 'session', hard: '9.00' }] });
  const { event } = await turn('s1', 0.2);
  const store = openLedger(sandbox.tollgateHome, sandbox.env());
  const many = Array.from({ length: BRIEF_ENTRY_COUNT }, (_, at) =>
    request({ id: `old-${at}`, at: Date.now() - at, session: 'old', cost: 1_000_000 }),
  );
  recordAll(store, many);
  store.seal();
  store.close();
  const before = spent();
  remove();
  const answered = await ask(event);
  expect(answered.exitCode).toBe(0);
  expect(answered.output?.systemMessage).toContain('being restored');
  while (!existsSync(ledgerFile())) await sleep(100);
  expect(spent()).toBe(before);
});
