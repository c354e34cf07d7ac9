// What people are told of a halt and of a guard that is off: `status`, `watch`, `/budget`, `resume`, the status line.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cliOk, runCli } from '../../support/in-process-cli.ts';
import type { Sandbox } from '../../support/sandbox.ts';
import { EMPTY, fireHook, HALTED, openShop, SHOP_NOW, WORKING } from '../../support/shop.ts';

let shop: Sandbox;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.cleanup());

const at = { now: SHOP_NOW };
const halted = () => ({
  sessionId: HALTED,
  path: join(shop.home, '.claude/projects/repo', `${HALTED}.jsonl`),
});
const prompt = (words: string) =>
  fireHook(shop, 'UserPromptSubmit', halted(), SHOP_NOW, { prompt: words }).reason;
const statusLine = async () => {
  const { sessionId: session_id, path: transcript_path } = halted();
  const input = JSON.stringify({ session_id, transcript_path, cwd: shop.repo });
  const stdin = Readable.from([input]) as unknown as NodeJS.ReadStream;
  return cliOk(shop, ['statusline'], { ...at, stdin });
};

interface StatusJson {
  readonly problems: readonly { readonly code: string; readonly severity: string }[];
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly title: string | null;
    readonly haltedAt: number | null;
    readonly verdict: { readonly breaches: readonly object[] };
  }[];
}
const status = async (...words: string[]) =>
  JSON.parse((await runCli(shop, ['status', '--json', ...words], at)).stdout) as StatusJson;

// Field case 12.
test('a halt by the forecast is shown with its figures', async () => {
  const { sessions } = await status('--session', HALTED);
  expect(sessions[0]?.verdict.breaches[0]).toMatchObject({
    code: 'HALTED_BEFORE',
    budgetId: 'session',
    limitNanoUsd: 5_000_000_000,
  });
  const { stdout } = await runCli(shop, ['status', '--session', HALTED], at);
  expect(stdout).toMatch(/HALTED: \$4\.67 spent, ceiling \$5\.00 \(budget session\)/);
  expect(stdout).toContain('/budget raise 2\n  or: tollgate grant 2 --session b2c3d4e5\n');
  expect(stdout).not.toMatch(/NaN|undefined/);
});

test('after a grant nothing says that it is halted', async () => {
  expect(prompt('/budget')).toContain('Halted; to go on: /budget raise 2');
  expect(prompt('/budget resume')).toContain('only money lifts that');
  expect(await statusLine()).toContain('halted');
  // Without --session it is for the one that is halted.
  const granted = await cliOk(shop, ['grant', '1', '--session', HALTED, '--yes', '--json'], at);
  expect(JSON.parse(granted)).toMatchObject({ sessionId: HALTED, ceilingNanoUsd: 6_000_000_000 });
  expect(prompt('/budget')).not.toMatch(/halted/i);
  expect(prompt('/budget resume')).toBe('Tollgate: the session is not halted.');
  expect((await runCli(shop, ['resume', '--session', HALTED], at)).stdout).toContain(
    'is not halted',
  );
  expect(await statusLine()).not.toContain('halted');
  const [session] = (await status('--session', HALTED)).sessions;
  expect(session).toMatchObject({ haltedAt: null });
  const watched = JSON.parse(await cliOk(shop, ['watch', '--json'], at)) as {
    sessions: { sessionId: string; state: string }[];
  };
  expect(watched.sessions.find(({ sessionId }) => sessionId === HALTED)?.state ?? 'idle').not.toBe(
    'halted',
  );
});

test('a session is called by its title; one without a request is not shown', async () => {
  const { stdout } = await runCli(shop, ['status'], at);
  expect(stdout).toContain('Fix the totals of the cart (a1b2c3d4)\n');
  expect(stdout).not.toContain(EMPTY.slice(0, 8));
  const { sessions } = JSON.parse(await cliOk(shop, ['watch', '--json'], at)) as {
    sessions: { sessionId: string; title: string }[];
  };
  expect(sessions.map(({ sessionId, title }) => [sessionId, title])).toEqual([
    [WORKING, 'Fix the totals of the cart'],
  ]);
  expect((await status()).sessions.map(({ sessionId }) => sessionId)).toContain(EMPTY);
});

test('grants are taken back, and the record of them stays', async () => {
  const grant = async (...words: string[]) =>
    JSON.parse(
      await cliOk(shop, ['grant', ...words, '--session', HALTED, '--yes', '--json'], at),
    ) as { ceilingNanoUsd: number; revoked?: string[] };
  await grant('1');
  expect((await grant('2', '--expires', '1h')).ceilingNanoUsd).toBe(8_000_000_000);
  const taken = await grant('--revoke');
  expect(taken).toMatchObject({ ceilingNanoUsd: 5_000_000_000 });
  expect(taken.revoked).toHaveLength(2);
  expect(await grant('--revoke')).toMatchObject({ ceilingNanoUsd: 5_000_000_000, revoked: [] });
  // What ended by itself is not taken back twice.
  const later = { now: SHOP_NOW + 2 * 3_600_000 };
  const words = ['status', '--json', '--session', HALTED];
  const { sessions } = JSON.parse((await runCli(shop, words, later)).stdout) as {
    sessions: { budgets: { budgetId: string; ceilingNanoUsd: number }[] }[];
  };
  expect(sessions[0]?.budgets[0]).toMatchObject({ budgetId: 'session', ceilingNanoUsd: 5e9 });
  expect((await grant('1')).ceilingNanoUsd).toBe(6_000_000_000);
});

// Field case 19.
describe('hooks that do not run', () => {
  const codes = async () => (await status()).problems.map(({ code }) => code);

  test('are told by status, init and config', async () => {
    expect(await codes()).toContain('HOOKS_NOT_INSTALLED');
    await mkdir(join(shop.repo, '.claude'), { recursive: true });
    await writeFile(join(shop.repo, '.claude/settings.json'), JSON.stringify({ hooks: {} }));
    await writeFile(join(shop.repo, '.claude/settings.local.json'), '{"disableAllHooks":true}');
    const hook = { type: 'command', command: 'node', args: ['x', '--tollgate'] };
    await writeFile(
      join(shop.repo, '.claude/settings.json'),
      JSON.stringify({ hooks: { PreToolUse: [{ matcher: '*', hooks: [hook] }] } }),
    );
    expect(await codes()).toContain('HOOKS_DISABLED');
    for (const command of ['status', 'config']) {
      const { stderr } = await runCli(shop, [command], at);
      expect(stderr).toContain('disableAllHooks');
    }
    const { stderr } = await runCli(shop, ['status'], at);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/Next: tollgate doctor\n$/);
  });
});
