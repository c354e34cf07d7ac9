// `/budget` typed into the real client: answered at once and for nothing, raised only by a person at the keyboard.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  budgetCommandPath,
  installBudgetCommand,
  removeBudgetCommand,
} from '../../src/agents/claude-code/install/budget-command.ts';
import { openClaudeTty } from '../support/claude-tty.ts';
import { guard, hooksDir } from '../support/guarded.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { openPty } from '../support/pty.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { readStatus, runGuarded } from '../support/tollgate.ts';

let sandbox: Sandbox;
let stub: MessagesApiStub;
const open: (() => Promise<void>)[] = [];

beforeEach(async () => {
  sandbox = await createSandbox();
  open.push(sandbox.cleanup);
  stub = await startMessagesApiStub(toolLoop({ turns: 1 }));
  open.push(stub.close);
  await guard(sandbox, {
    budgets: [{ id: 'session', scope: { per: 'session' }, soft: '4.00', hard: '5.00' }],
  });
  const path = budgetCommandPath('project', sandbox.repo, {});
  expect(installBudgetCommand(path)).toBe('installed');
  expect(installBudgetCommand(path)).toBe('unchanged');
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const ceiling = async () => (await readStatus(sandbox))[0]?.budgets[0]?.ceilingNanoUsd;

test('a person shows, raises, halts and resumes from inside the client, without a request', async () => {
  const tty = await openClaudeTty({
    ...{ home: sandbox.home, cwd: sandbox.repo, stub },
    extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome },
  });
  open.push(() => tty.close());
  await tty.submit('go on');
  await tty.waitFor(/done/);
  const served = stub.served.length;
  await tty.submit('/budget ');
  await tty.waitFor(/session: \$0\.0557 of \$5\.00, \$4\.94\d* left/);
  await tty.submit('/budget raise 2.50 release day');
  await tty.waitFor(/\$2\.50 granted\. The ceiling of budget session is now \$7\.50/);
  expect(await ceiling()).toBe(7_500_000_000);
  await tty.submit('/budget halt wrong branch');
  await tty.waitFor(/halted\. No further request is made/);
  await tty.submit('and now?');
  await tty.waitFor(/halted by hand \(wrong branch\)/);
  expect(stub.served).toHaveLength(served);
  // What was refused is back in the input line.
  for (let at = 0; at < 'and now?'.length; at++) await tty.key('backspace');
  await tty.submit('/budget resume');
  await tty.waitFor(/the session may go on/);
  expect(stub.served).toHaveLength(served);
  expect(tty.screen()).not.toContain('Original prompt: /budget');
  await tty.submit('go on then');
  await stub.waitForServed(served + 1);
}, 120_000);

test('a script may show, and may not raise', async () => {
  const shown = await runGuarded(sandbox, { stub, prompt: '/budget' });
  expect(shown.result?.result).toMatch(/session: \$0\.00 of \$5\.00/);
  expect(shown.result?.total_cost_usd).toBe(0);
  const raised = await runGuarded(sandbox, { stub, prompt: '/budget raise 5' });
  expect(raised.result?.result).toMatch(/no keyboard.*tollgate grant 5\.00 --session/s);
  expect(stub.served).toHaveLength(0);
  expect(removeBudgetCommand(budgetCommandPath('project', sandbox.repo, {}))).toBe('removed');
});

/** What the hook answers a raise, when the client is the given process. */
async function raiseAt(hostPid: number, env: Record<string, string> = {}): Promise<string> {
  const event = {
    ...{ hook_event_name: 'UserPromptSubmit', session_id: 's-1', prompt_id: 'p-1' },
    ...{ transcript_path: join(sandbox.home, 's-1.jsonl'), cwd: sandbox.repo },
    prompt: '/budget raise 5',
  };
  const run = await sandbox.run(process.execPath, [join(hooksDir, 'user-prompt-submit.cjs')], {
    stdin: JSON.stringify(event),
    env: { CLAUDE_PID: String(hostPid), CLAUDE_CODE_ENTRYPOINT: 'cli', ...env },
  });
  expect(run.exitCode).toBe(2);
  return (JSON.parse(run.stdout) as { reason: string }).reason;
}

test('a prompt nobody typed raises nothing', async () => {
  await mkdir(sandbox.tollgateHome, { recursive: true });
  const client = (env: Record<string, string> = {}) => {
    const pty = openPty('cat', [], { cwd: sandbox.repo, env: sandbox.env(env) });
    open.push(() => pty.close());
    return pty;
  };
  const typed = client();
  typed.send('x');
  await typed.waitFor(/x/);
  expect(await raiseAt(typed.pid())).toContain('$5.00 granted');
  expect(await raiseAt(typed.pid(), { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' })).toContain(
    'no keyboard',
  );
  expect(await raiseAt(typed.pid(), { CLAUDE_CODE_SESSION_ATTENDED: '0' })).toContain(
    'no keyboard',
  );
  expect(await raiseAt(process.pid)).toMatch(/not at a terminal|another agent/);
  expect(await raiseAt(0)).toContain('which process');

  const inner = client({ CLAUDECODE: '1' });
  inner.send('x');
  await inner.waitFor(/x/);
  expect(await raiseAt(inner.pid())).toContain('another agent');

  await sleep(13_000);
  expect(await raiseAt(typed.pid())).toContain('no key was pressed');
}, 60_000);
