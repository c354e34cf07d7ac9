// `/budget` typed into the real client: answered at once and for nothing, raised only by a person at the keyboard.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
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
import { readStatus, runGuarded, tollgateOk } from '../support/tollgate.ts';

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

/**
 * A client in a terminal: for each line that is typed, an object of variables, it starts the prompt's hook as Claude Code does,
 * through the words in `HOW` where there are any.
 */
const CLIENT = `
const { spawnSync } = require('node:child_process');
const [hook, event] = process.argv.slice(1);
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { HOW, ...given } = JSON.parse(line);
  const env = { ...process.env, CLAUDE_PID: String(process.pid), CLAUDE_CODE_ENTRYPOINT: 'cli', ...given, H: hook, E: event };
  const [file, args] = HOW ? ['sh', ['-c', HOW]] : [process.execPath, [hook]];
  const run = spawnSync(file, args, { input: event, env, encoding: 'utf8' });
  const said = run.stdout + run.stderr;
  console.log('ANSWER ' + (/\\$5.00 granted|no keyboard|not come from|another agent|which process|sent by a program|no key was/.exec(said)?.[0] ?? said));
});`;

function openClient(env: Record<string, string> = {}) {
  const event = {
    ...{ hook_event_name: 'UserPromptSubmit', session_id: 's-1', prompt_id: 'p-1' },
    ...{ transcript_path: join(sandbox.home, 's-1.jsonl'), cwd: sandbox.repo },
    prompt: '/budget raise 5',
  };
  const hook = join(hooksDir, 'user-prompt-submit.cjs');
  const pty = openPty(process.execPath, ['-e', CLIENT, hook, JSON.stringify(event)], {
    cwd: sandbox.repo,
    env: sandbox.env(env),
  });
  open.push(() => pty.close());
  let count = 0;
  return async (given: Record<string, string> = {}) => {
    pty.send(`${JSON.stringify(given)}\r`);
    count += 1;
    await pty.waitFor(new RegExp(`(ANSWER[^]*){${count}}`));
    return pty.output().split('ANSWER ').at(-1)?.split('\n')[0]?.trim();
  };
}

test('a prompt nobody typed raises nothing', async () => {
  await mkdir(sandbox.tollgateHome, { recursive: true });
  const raise = openClient();
  expect(await raise()).toBe('$5.00 granted');
  expect(
    await raise({
      HOW: `${process.execPath} ${join(hooksDir, 'user-prompt-submit.cjs')} --tollgate`,
    }),
  ).toBe('$5.00 granted');
  expect(await raise({ CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' })).toBe('no keyboard');
  expect(await raise({ CLAUDE_CODE_SESSION_ATTENDED: '0' })).toBe('no keyboard');
  expect(await raise({ CLAUDE_PID: '0' })).toBe('sent by a program');
  expect(await openClient({ CLAUDECODE: '1' })()).toBe('another agent');
}, 60_000);

test.runIf(process.platform === 'linux')(
  'an event that a command of the agent makes up raises nothing',
  async () => {
    await mkdir(sandbox.tollgateHome, { recursive: true });
    const raise = openClient();
    expect(await raise()).toBe('$5.00 granted');
    const node = process.execPath;
    const forged = [
      `printf '%s' "$E" | ${node} "$H"; true`,
      `printf '%s' "$E" > e.json; exec ${node} "$H" < e.json`,
      `printf '%s' "$E" | env -u CLAUDE_PID ${node} "$H"; true`,
      `printf '%s' "$E" | CLAUDE_PID=$$ ${node} "$H"; true`,
      `printf '%s' "$E" | CLAUDE_PID=1 ${node} "$H"; true`,
      `printf '%s' "$E" > e.json; (setsid sh -c '${node} "$H" < e.json > said' &) ; sleep 1; cat said`,
    ];
    for (const how of forged)
      expect([how, await raise({ HOW: how })]).toEqual([how, 'sent by a program']);
    // A socket in the place of the client's own is seen where something is to be loosened.
    const sockets = `python3 -c 'import os,socket
a,b=socket.socketpair(); a.send(os.environ["E"].encode()); a.shutdown(socket.SHUT_WR); os.dup2(b.fileno(),0)
os.execv("${node}",["${node}",os.environ["H"]])' > said; cat said`;
    expect(await raise({ HOW: sockets })).toBe('not come from');
    expect(await raise()).toBe('$5.00 granted');
    const [session] = await readStatus(sandbox);
    expect(session?.budgets[0]?.ceilingNanoUsd).toBe(15_000_000_000);
    const alerts = await tollgateOk(sandbox, ['alerts', 'list', '--json']);
    expect(alerts.split('EVENT_FORGED').length - 1).toBeGreaterThanOrEqual(forged.length);
  },
  60_000,
);
