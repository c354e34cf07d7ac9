// A ledger as it is on a network drive, without the write-ahead log: many hooks at once, sync and report, nothing lost.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guard, readLedger } from '../support/guarded.ts';
import { runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgateOk } from '../support/tollgate.ts';
import { prompt, response } from '../support/transcript-lines.ts';

const HOOKS_AT_ONCE = 8;

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

test('hooks at once, sync and report work on a ledger without a log', async () => {
  await guard(sandbox, { budgets: [{ id: 'session', hard: '5.00' }] });
  const folder = join(sandbox.home, '.claude', 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  const eventOf = (id: string) => {
    const transcript_path = join(folder, `${id}.jsonl`);
    writeFileSync(transcript_path, `${prompt('t1')}${response({ id: `${id}-m1`, session: id })}`);
    return { session_id: id, transcript_path, prompt: 'go on', prompt_id: 'p2' };
  };
  await runHook(sandbox, 'UserPromptSubmit', eventOf('s0'));
  const file = join(sandbox.tollgateHome, 'ledger.db');
  const ledger = new Database(file);
  expect(ledger.pragma('journal_mode = DELETE', { simple: true })).toBe('delete');
  ledger.close();

  const ids = Array.from({ length: HOOKS_AT_ONCE }, (_, i) => `s${i + 1}`);
  const answers = await Promise.all(
    ids.map((id) => runHook(sandbox, 'UserPromptSubmit', eventOf(id))),
  );
  expect(answers.map(({ exitCode }) => exitCode)).toEqual(ids.map(() => 0));
  expect(JSON.stringify(answers)).not.toContain('without its ledger');
  await tollgateOk(sandbox, ['sync']);
  const report = JSON.parse(await tollgateOk(sandbox, ['report', '--by', 'session', '--json']));
  expect(report.total.requestCount).toBe(HOOKS_AT_ONCE + 1);
  expect(readLedger(sandbox).sessions).toHaveLength(HOOKS_AT_ONCE + 1);
  const after = new Database(file, { readonly: true });
  expect(after.pragma('journal_mode', { simple: true })).toBe('delete');
  after.close();
});
