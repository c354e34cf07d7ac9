// `tollgate init` for who pays a plan: asked for by options or seen by the account, its ceilings are shares of the plan's windows.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isUntouchedBudget, planBudgets, writeBudgets } from '../../src/cli/first-budget.ts';
import { runCli } from '../support/in-process-cli.ts';
import { openPty } from '../support/pty.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { CLI } from '../support/tollgate.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

async function planned(...words: string[]) {
  const line = ['init', '--scope', 'user', '--dry-run', '--json', ...words];
  const { stdout, stderr, exitCode } = await runCli(sandbox, line);
  if (exitCode !== 0) throw new Error(stderr);
  const { budgets, billing, statusLineFile } = JSON.parse(stdout);
  return { budgets, billing, hasStatusLine: statusLineFile !== null };
}

const BOTH = [
  { plan: 'five-hour', softRatio: 0.7, hardRatio: 0.9 },
  { plan: 'seven-day', softRatio: 0.8, hardRatio: 0.95 },
];

test('--billing plan proposes both windows and brings the status line', async () => {
  expect(await planned('--billing', 'plan')).toEqual({
    ...{ budgets: BOTH, billing: 'plan', hasStatusLine: true },
  });
  expect(await planned('--billing', 'plan', '--five-hour-hard', '50%')).toMatchObject({
    budgets: [{ plan: 'five-hour', softRatio: 0.4, hardRatio: 0.5 }],
  });
  expect((await planned('--billing', 'api')).budgets).toMatchObject([{ period: 'session' }]);
});

test("a plan is seen by Claude Code's own account; dollars stand where somebody names them", async () => {
  const state = JSON.stringify({ oauthAccount: { billingType: 'stripe_subscription' } });
  await writeFile(join(sandbox.home, '.claude.json'), state);
  expect(await planned()).toEqual({ budgets: BOTH, billing: 'plan', hasStatusLine: true });
  expect((await planned('--session-hard', '3')).budgets).toMatchObject([{ period: 'session' }]);
  // A repository's file is for everybody: how one of them pays is not said there.
  const { stdout } = await runCli(sandbox, ['init', '--dry-run', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ budgets: BOTH, billing: null });
});

test('limits that are no shares, or the wrong way round, are refused', async () => {
  for (const words of ['--five-hour-hard 5', '--seven-day-hard 50% --seven-day-soft 60%']) {
    const result = await runCli(sandbox, ['init', '--dry-run', ...words.split(' ')]);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toMatch(/is not a share|is above/);
  }
});

test('what is written is read again, and known as untouched', async () => {
  const file = join(sandbox.home, '.config', 'tollgate', 'config.json');
  const settings = {
    billing: 'plan',
    budgets: [{ plan: 'five-hour', softRatio: 0.625, hardRatio: 0.9 }],
  } as const;
  writeBudgets(file, planBudgets(file, settings));
  expect(isUntouchedBudget(file)).toBe(true);
  const { stdout } = await runCli(sandbox, ['config', '--json']);
  expect(JSON.stringify(JSON.parse(stdout))).toContain('"billing":"plan"');
  await mkdir(join(sandbox.home, 'x'), { recursive: true });
  const other = join(sandbox.home, 'x', 'config.json');
  await writeFile(
    other,
    '{ // mine\n  "budgets": [{ "id": "five-hour", "plan": "five-hour", "hard": "80%" }]\n}\n',
  );
  const { after } = planBudgets(other, settings);
  expect(after).toContain('// mine');
  expect(after).toContain('"hard": "90%"');
  expect(after).toContain('"billing": "plan"');
});

test('in a terminal it asks how requests are paid, and for a share of each window', async () => {
  const [env, cwd] = [sandbox.env(), sandbox.repo];
  const words = [CLI, 'init', '--scope', 'user'];
  const pty = openPty(process.execPath, words, { cwd, env, rows: 60 });
  try {
    await pty.waitFor(/How is Claude Code paid here/);
    pty.send('\x1b[B\r');
    await pty.waitFor(/five-hour window may be used/);
    pty.send('\r');
    await pty.waitFor(/seven-day window may be used/);
    pty.send('\x7f\x7f\x7f50%\r');
    await pty.waitFor(/Write this/);
    pty.send('\r');
    expect(await pty.waitForExit()).toBe(0);
  } finally {
    await pty.close();
  }
  const written = await readFile(join(sandbox.home, '.config/tollgate/config.json'), 'utf8');
  expect(written).toContain('"billing": "plan"');
  expect(written.match(/(?:soft|hard)": "\d+%/g)).toEqual([
    ...['soft": "70%', 'hard": "90%', 'soft": "40%', 'hard": "50%'],
  ]);
});
