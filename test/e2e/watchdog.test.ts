// The watchdog of a client as a process of its own, without Claude Code: what it does when a transcript shows work that no hook was asked about.
import { type ChildProcess, spawn } from 'node:child_process';
import { on } from 'node:events';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLosses } from '../../src/gate/guard-loss.ts';
import { notesFile } from '../../src/hooks/event-notes.ts';
import type { WatchdogTask } from '../../src/hooks/start-watchdog.ts';
import { readSign, signFile } from '../../src/hooks/watchdog-sign.ts';
import { identityOf, isAlive } from '../../src/runtime/processes.ts';
import { cliOk } from '../support/in-process-cli.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { prompt, response } from '../support/transcript-lines.ts';

const WATCHDOG = join(import.meta.dirname, '../../dist/hooks/watchdog.cjs');
const SESSION = 'abcd0000-0000-4000-8000-000000000001';
/** A client that tells of the signals it gets, and ends by the last of them alone. */
const CLIENT = `
  trap 'echo INT >> "$LOG"' INT
  trap 'echo TERM >> "$LOG"; exit 0' TERM
  echo ready >> "$LOG"
  while :; do sleep 0.05; done`;

/** After each answer of a hook. */
const END = '<end>';

let sandbox: Sandbox;
let client: ChildProcess;
/** The one that a test has started itself. */
let watchdog: ChildProcess | null;
let transcript: string;
const inRoot = (name: string) => join(sandbox.root, name);
const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const until = (text: () => string, pattern: RegExp) =>
  expect.poll(text, { timeout: 20_000, interval: 50 }).toMatch(pattern);

beforeEach(async () => {
  sandbox = await createSandbox();
  watchdog = null;
  const folder = join(sandbox.home, '.config/tollgate');
  mkdirSync(folder, { recursive: true });
  const budgets = [{ id: 'session', hard: '1.00' }];
  const channels = { log: { type: 'command', run: ['true'] } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ budgets, alerts: { channels } }));
  transcript = join(sandbox.home, '.claude/projects/shop', `${SESSION}.jsonl`);
  mkdirSync(dirname(transcript), { recursive: true });
  writeFileSync(transcript, prompt('t1', { session: SESSION }));
});
afterEach(async () => {
  client.kill('SIGKILL');
  if (watchdog !== null) {
    // It ends with its client, and takes its files along.
    await expect.poll(() => watchdog?.exitCode, { timeout: 20_000 }).toBe(0);
    for (const file of [signFile, notesFile]) {
      expect(existsSync(file(sandbox.tollgateHome, client.pid ?? 0))).toBe(false);
    }
  }
  await sandbox.cleanup();
});

/** Starts a client and its watchdog, as a hook would have. */
async function start(onGuardLost: WatchdogTask['onGuardLost']): Promise<void> {
  const errors = openSync(inRoot('errors'), 'a');
  const env = sandbox.env({ LOG: inRoot('signals') });
  client = spawn('/bin/sh', ['-c', CLIENT], { env, stdio: ['ignore', 'ignore', errors] });
  closeSync(errors);
  await until(() => textOf(inRoot('signals')), /ready/);
  const hostPid = client.pid ?? 0;
  const { tollgateHome: stateHome, repo } = sandbox;
  mkdirSync(dirname(signFile(stateHome, hostPid)), { recursive: true, mode: 0o700 });
  const task: WatchdogTask = {
    ...{ stateHome, hostPid, hostIdentity: identityOf(hostPid), onGuardLost, folder: repo },
  };
  watchdog = spawn(process.execPath, [WATCHDOG, JSON.stringify(task)], {
    ...{ cwd: '/', env: sandbox.env(), stdio: 'ignore' },
  });
  const pid = watchdog.pid ?? 0;
  writeFileSync(signFile(stateHome, hostPid), JSON.stringify({ pid, identity: identityOf(pid) }));
  await until(() => (existsSync(notesFile(stateHome, hostPid)) ? 'there' : ''), /there/);
  note('prompt');
  // What is there when it begins to look is not looked at.
  await new Promise((done) => setTimeout(done, 300));
}

/** What a hook notes. */
const note = (moment: string, ...toolUseIds: string[]) => {
  const fields = [Date.now(), moment, SESSION, '', toolUseIds, transcript];
  appendFileSync(notesFile(sandbox.tollgateHome, client.pid ?? 0), `${JSON.stringify(fields)}\n`);
};
/** A request and a tool that has run, of which no hook has heard. */
let count = 0;
const workUnseen = (output = 100) => {
  count += 1;
  const timestamp = new Date().toISOString();
  const id = `msg_${count}`;
  const line = { timestamp, cwd: sandbox.repo };
  const content = [{ type: 'tool_result', tool_use_id: `toolu_${id}`, content: 'done' }];
  const user = { type: 'user', promptId: 't1', uuid: `r-${count}`, sessionId: SESSION, timestamp };
  appendFileSync(
    transcript,
    response({ id, session: SESSION, tool: 'Bash', stopReason: 'tool_use', output, line }) +
      `${JSON.stringify({ ...user, message: { role: 'user', content } })}\n`,
  );
};
const losses = () => readLosses(sandbox.tollgateHome);
/** Decisions in the ledger, while there is one. */
const decisions = (): unknown[] => {
  const file = join(sandbox.tollgateHome, 'ledger.db');
  if (!existsSync(file)) return [];
  const db = new Database(file, { readonly: true });
  try {
    const rows = db.prepare('SELECT moment, verdict FROM decision').all();
    return (rows as { moment: string; verdict: string }[]).map(({ moment, verdict }) => ({
      ...{ moment, ...JSON.parse(verdict) },
    }));
  } finally {
    db.close();
  }
};
const alertCodes = async (): Promise<string[]> => {
  const { alerts } = JSON.parse(
    await cliOk(sandbox, ['alerts', 'list', '--json'], { now: Date.now() }),
  );
  return alerts.map(({ code }: { code: string }) => code);
};

test.runIf(process.platform === 'linux')(
  'one that is ended is started again and told; ended twice, the session is halted',
  async () => {
    // A client that runs a hook for each line that it is given, one after the other.
    const hook = join(dirname(WATCHDOG), 'user-prompt-submit.cjs');
    const script = `while read -r event; do
      printf '%s' "$event" | CLAUDE_PID=$$ "$0" "$1"; printf '${END}'; done`;
    const words = ['-c', script, process.execPath, hook];
    client = spawn('/bin/sh', words, { cwd: sandbox.repo, env: sandbox.env(), stdio: 'pipe' });
    const told = { session_id: SESSION, transcript_path: transcript, cwd: sandbox.repo };
    const say = async (): Promise<string> => {
      let answer = '';
      const event = { ...told, hook_event_name: 'UserPromptSubmit', prompt: 'go' };
      client.stdin?.write(`${JSON.stringify(event)}\n`);
      for await (const [text] of on(client.stdout as Readable, 'data')) {
        answer += text;
        if (answer.endsWith(END)) return answer.slice(0, -END.length);
      }
      return answer;
    };
    const sign = () => readSign(sandbox.tollgateHome, client.pid ?? 0)?.pid ?? 0;
    const pids: number[] = [];
    const answers: string[] = [];
    for (let times = 0; times < 3; times += 1) {
      answers.push(await say());
      await expect.poll(sign, { timeout: 10_000 }).toBeGreaterThan(1);
      pids.push(sign());
      if (times === 2) break;
      process.kill(sign(), 'SIGKILL');
      await expect.poll(() => isAlive(pids.at(-1) ?? 0), { timeout: 10_000 }).toBe(false);
    }
    expect(new Set(pids).size).toBe(3);
    expect(answers[0]).not.toContain('watchdog');
    expect(JSON.parse(answers[1] ?? '').systemMessage).toContain('it was started again');
    expect(JSON.parse(answers[2] ?? '')).toMatchObject({ decision: 'block' });
    expect(decisions()).toContainEqual(
      expect.objectContaining({
        ...{ kind: 'halt', moment: 'prompt' },
        breaches: [expect.objectContaining({ code: 'GUARD_LOST', lost: 'watchdog' })],
      }),
    );
    process.kill(pids[2] ?? 0, 'SIGKILL');
    await expect.poll(() => isAlive(pids[2] ?? 0), { timeout: 20_000 }).toBe(false);
  },
);

describe.skipIf(process.platform === 'win32')('a watchdog', () => {
  test('stops the client harder and harder, tells it and the ledger, and keeps what it saw', async () => {
    await start('halt');
    const stillWorks = () => {
      workUnseen();
      return textOf(inRoot('signals'));
    };
    await expect
      .poll(stillWorks, { timeout: 20_000, interval: 200 })
      .toBe('ready\nINT\nINT\nTERM\n');
    expect(losses()).toMatchObject([
      { sessionId: SESSION, breach: { lost: 'hooks', stoppedPid: client.pid }, backAt: null },
    ]);
    expect(textOf(inRoot('errors'))).toMatch(/Tollgate/);
    expect(decisions()).toMatchObject([{ kind: 'halt', moment: 'watchdog' }]);
    expect(await alertCodes()).toEqual(['GUARD_LOST']);
  });

  test('warns where that is configured, and lets the client go on while the gate would', async () => {
    await start('warn');
    workUnseen();
    await until(() => JSON.stringify(losses()), /GUARD_LOST/);
    expect(losses()).toMatchObject([{ breach: { lost: 'hooks', stoppedPid: null } }]);
    await until(() => JSON.stringify(decisions()), /"moment":"watchdog","kind":"warn"/);
    expect(textOf(inRoot('signals'))).toBe('ready\n');
    note('before-tool', 'toolu_other');
    await until(() => JSON.stringify(losses()), /"backAt":\d/);
    // More than a dollar: no hook asks the gate, so that the watchdog does.
    workUnseen(60_000);
    await until(() => textOf(inRoot('signals')), /INT/);
  });

  test('goes on when it is asked to end, and puts its sign back', async () => {
    await start('halt');
    watchdog?.kill('SIGTERM');
    watchdog?.kill('SIGHUP');
    workUnseen();
    workUnseen();
    await until(() => textOf(inRoot('signals')), /INT/);
    expect(watchdog?.exitCode).toBeNull();
    unlinkSync(signFile(sandbox.tollgateHome, client.pid ?? 0));
    const sign = () => readSign(sandbox.tollgateHome, client.pid ?? 0)?.pid;
    await expect.poll(sign, { timeout: 20_000 }).toBe(watchdog?.pid);
  });
});

describe.runIf(process.platform === 'linux')('the second of a watchdog', () => {
  const kill = async (signal: 'SIGKILL' | 'SIGSTOP') => {
    await start('halt');
    const dog = watchdog as ChildProcess;
    watchdog = null;
    note('before-tool', 'toolu_msg_1');
    await new Promise((done) => setTimeout(done, 300));
    dog.kill(signal);
    return dog;
  };

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'stops a client that goes on after %s, and tells it',
    async (signal) => {
      count = 0;
      const dog = await kill(signal);
      for (let times = 0; times < 3; times += 1) workUnseen();
      await until(() => textOf(inRoot('signals')), /INT/);
      expect(losses()).toMatchObject([
        { sessionId: SESSION, breach: { lost: 'hooks', stoppedPid: client.pid }, backAt: null },
      ]);
      expect(Date.now() - (losses()[0]?.lostAt ?? 0)).toBeLessThan(10_000);
      expect(textOf(inRoot('errors'))).toMatch(/Tollgate: the guard of session/);
      dog.kill('SIGKILL');
    },
  );

  test('says nothing where the client has hardly gone on, or hooks note what it does', async () => {
    count = 0;
    await kill('SIGKILL');
    workUnseen();
    workUnseen();
    await new Promise((done) => setTimeout(done, 2_500));
    for (let times = 0; times < 3; times += 1) {
      note('before-tool', `toolu_msg_${count + 1}`);
      workUnseen();
      await new Promise((done) => setTimeout(done, 1_500));
    }
    expect(textOf(inRoot('signals'))).toBe('ready\n');
    expect(losses()).toEqual([]);
  });

  test('a sign with any process in it does not deceive it', async () => {
    count = 0;
    await kill('SIGKILL');
    const sign = { pid: process.pid, identity: identityOf(process.pid) };
    writeFileSync(signFile(sandbox.tollgateHome, client.pid ?? 0), JSON.stringify(sign));
    const stillWorks = () => {
      workUnseen();
      return textOf(inRoot('signals'));
    };
    await expect.poll(stillWorks, { timeout: 20_000, interval: 700 }).toMatch(/INT/);
  });
});
