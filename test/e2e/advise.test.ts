// A rule that was advised is written into a person's file as it stood, once, and only where the file holds together afterwards.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { runCli } from '../support/in-process-cli.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const labels = { model: 'claude-opus-4-7', agentType: 'Explore' };
  const usage = { outputTokens: 1_000_000 };
  recordAll(store, [request({ id: 'a', at: NOW - 1, agent: 'a1', cost: 25e9, usage, labels })]);
  store.close();
});
afterEach(() => sandbox.cleanup());

test('advice is ranked, and its rule is written beside what the file has', async () => {
  const folder = join(sandbox.home, '.config', 'tollgate');
  const file = join(folder, 'config.json');
  mkdirSync(folder, { recursive: true });
  const before = '{\n  // mine\n  "budgets": [{ "id": "session", "hard": "5.00" }]\n}\n';
  writeFileSync(file, before);
  const advise = (...words: string[]) => runCli(sandbox, ['advise', ...words], { now: NOW });
  const { advice } = JSON.parse((await advise('--json')).stdout);
  const value = { id: 'advised-Explore-opus', when: { agentType: 'Explore', model: 'opus' } };
  expect(advice[0]).toMatchObject({
    ...{ code: 'SMALLER_SUBAGENTS', paidNanoUsd: 25e9, rule: { path: ['routing'], value } },
  });
  expect((await advise('--apply', '7', '--yes')).exitCode).toBe(2);
  expect((await advise('--apply', '1')).exitCode).toBe(2);
  expect(readFileSync(file, 'utf8')).toBe(before);
  for (let times = 0; times < 2; times += 1) {
    const applied = await advise('--apply', '1', '--yes');
    expect(applied.stderr).toBe('');
    expect(applied.exitCode).toBe(0);
  }
  const after = readFileSync(file, 'utf8');
  expect(after).toContain('// mine');
  expect(parse(after).budgets).toEqual([{ id: 'session', hard: '5.00' }]);
  expect(after.match(/advised-Explore-opus/g)).toHaveLength(1);
});
