// A watchdog whose every file operation may fail, while its client goes on without hooks: the client is stopped and it is written down, or the
// watchdog is gone and the next hook starts another. Its client is a shell, which runs hooks as children of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { notesFile } from '../../src/hooks/event-notes.ts';
import type { WatchdogTask } from '../../src/hooks/start-watchdog.ts';
import { isWatched, readSign, signFile } from '../../src/hooks/watchdog-sign.ts';
import { identityOf } from '../../src/runtime/processes.ts';
import { hooksDir } from '../support/guarded.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { BEGIN, prompt, response, result } from '../support/transcript-lines.ts';
import { buildShim, configure, envOf, type Fault, type Kind, pointsOf, recount } from './world.ts';

/** `stopped`: the client was; `replaced`: by the next hook, which told of it. */
export type WatchdogEnding = 'stopped' | 'replaced' | 'unnoticed';

export interface WatchdogRun {
  readonly ending: WatchdogEnding;
  readonly isCorrupt: boolean;
  readonly isWrong: boolean;
  /** What was seen, where something is wrong. */
  readonly note: string;
}

export interface WatchdogWorlds {
  readonly readPoints: () => Promise<readonly number[]>;
  readonly run: (point: number, fault: Fault) => Promise<WatchdogRun>;
  readonly remove: () => Promise<void>;
}

/** Of a client that goes on without hooks: between its responses, and until it should be stopped. */
const RESPONSE_MS = 300;
const STOPPED_WITHIN_MS = 20_000;
/** A watchdog ends with its client, at its next look. */
const ENDS_WITHIN_MS = 20_000;
const COST_NANO_USD = 7_500_000;

export async function makeWatchdogWorlds(): Promise<WatchdogWorlds> {
  const sandbox = await createSandbox();
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-faults-'));
  const shim = buildShim(folder);
  configure(sandbox);
  let count = 0;
  const play = async (env: Readonly<Record<string, string>>, fault: Fault | null) => {
    count += 1;
    const state = join(folder, `w${count}`);
    const client = await startClient(sandbox, state, `w${count}`);
    try {
      await client.hook('SessionStart', { source: 'startup' });
      const watchdog = replaceWatchdog(sandbox, client, {
        ...{ LD_PRELOAD: shim, FAULT_DIR: state, ...env },
      });
      return await judge(sandbox, client, watchdog, fault);
    } finally {
      client.end();
      rmSync(state, { recursive: true, force: true });
    }
  };
  return {
    readPoints: async () => {
      const log = join(folder, 'log');
      const { note } = await play({ FAULT_LOG: log }, null);
      if (note !== '') throw new Error(`without a fault: ${note}`);
      return pointsOf(readFileSync(log, 'utf8').trimEnd().split('\n'));
    },
    run: (point, fault) => play({ FAULT_AT: String(point), FAULT_ERROR: fault }, fault),
    remove: async () => {
      rmSync(folder, { recursive: true, force: true });
      await sandbox.cleanup();
    },
  };
}

interface Client {
  readonly pid: number;
  readonly state: string;
  readonly kind: () => Kind;
  /** Runs a hook; what it printed. */
  readonly hook: (event: string, fields: object) => Promise<string>;
  /** A response whose tool ran without a hook. */
  readonly goOn: () => void;
  readonly isThere: () => boolean;
  readonly end: () => void;
}

async function startClient(sandbox: Sandbox, state: string, sessionId: string): Promise<Client> {
  mkdirSync(state, { mode: 0o700 });
  const transcripts = join(sandbox.home, '.claude', 'projects', 'shop');
  mkdirSync(transcripts, { recursive: true });
  const transcript = join(transcripts, `${sessionId}.jsonl`);
  const now = () => ({ session: sessionId, at: (Date.now() - BEGIN) / 1_000 });
  writeFileSync(transcript, prompt('t1', now()));
  const shell = spawn(
    '/bin/sh',
    ['-c', 'export CLAUDE_PID=$$; while read -r l; do eval "$l"; done'],
    {
      ...{ cwd: sandbox.repo, env: envOf(sandbox, state), stdio: ['pipe', 'pipe', 'ignore'] },
    },
  );
  const { stdin, stdout, pid } = shell;
  if (stdin === null || stdout === null || pid === undefined) throw new Error('no shell');
  stdin.on('error', () => {});
  stdout.setEncoding('utf8');
  let count = 0;
  return {
    ...{ pid, state },
    kind: () => ({ sessionId, transcript, totalNanoUsd: count * COST_NANO_USD }),
    hook: async (event, fields) => {
      const name = event.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
      const file = join(sandbox.root, `${sessionId}.event`);
      const common = { session_id: sessionId, transcript_path: transcript, cwd: sandbox.repo };
      const text = { hook_event_name: event, ...common, prompt_id: 't1', ...fields };
      writeFileSync(file, JSON.stringify(text));
      stdin.write(
        `'${process.execPath}' '${join(hooksDir, name)}.cjs' < '${file}'; echo; echo =end=\n`,
      );
      let printed = '';
      while (!printed.includes('=end=')) printed += (await once(stdout, 'data'))[0];
      return printed;
    },
    goOn: () => {
      count += 1;
      const id = `${sessionId}-m${count}`;
      const told = result('t1', { stdout: '' }, now()).replace(
        '"tool_use_id":"t"',
        `"tool_use_id":"toolu_${id}"`,
      );
      appendFileSync(transcript, `${response({ id, tool: 'Bash', ...now() })}${told}`);
    },
    isThere: () => isRunning(shell),
    end: () => shell.kill('SIGKILL'),
  };
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

/** Ends the watchdog that the first hook has started, and puts one in its place whose files fail. */
function replaceWatchdog(
  sandbox: Sandbox,
  { pid: hostPid, state: stateHome }: Client,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const sign = readSign(stateHome, hostPid);
  if (sign === null) throw new Error('the first hook has started no watchdog');
  process.kill(sign.pid, 'SIGKILL');
  const hostIdentity = identityOf(hostPid);
  const task: WatchdogTask = {
    ...{ stateHome, hostPid, hostIdentity, onGuardLost: 'halt', folder: sandbox.repo },
  };
  const program = join(hooksDir, 'watchdog.cjs');
  const watchdog = spawn(process.execPath, [program, JSON.stringify(task)], {
    ...{ cwd: '/', stdio: 'ignore', env: envOf(sandbox, stateHome, env) },
  });
  const pid = watchdog.pid ?? 0;
  writeFileSync(signFile(stateHome, hostPid), JSON.stringify({ pid, identity: identityOf(pid) }));
  return watchdog;
}

async function judge(
  sandbox: Sandbox,
  client: Client,
  watchdog: ChildProcess,
  fault: Fault | null,
): Promise<WatchdogRun> {
  const until = Date.now() + STOPPED_WITHIN_MS;
  while (client.isThere() && isRunning(watchdog) && Date.now() < until) {
    client.goOn();
    await sleep(RESPONSE_MS);
  }
  const notes: string[] = [];
  let ending: WatchdogEnding = 'unnoticed';
  if (!client.isThere()) {
    ending = 'stopped';
    const endsUntil = Date.now() + ENDS_WITHIN_MS;
    while (isRunning(watchdog) && Date.now() < endsUntil) await sleep(100);
    if (isRunning(watchdog)) notes.push('the watchdog goes on without its client');
    // What ends it by a signal that it handles ends it when it has told.
    if (fault !== 'KILL' && !isWrittenDown(client.state)) notes.push('the loss is written nowhere');
  } else if (!isRunning(watchdog)) {
    const printed = await client.hook('PostToolBatch', { tool_calls: [] });
    const isBack = isWatched(client.state, client.pid);
    if (isBack && printed.includes('watchdog')) ending = 'replaced';
    else notes.push(printed);
  }
  watchdog.kill('SIGKILL');
  if (existsSync(notesFile(client.state, client.pid)) && !client.isThere() && fault === null)
    notes.push('the notes are left behind');
  const found = recount(sandbox, client.kind(), client.state);
  const { totalNanoUsd } = client.kind();
  const isWrong = found.totalNanoUsd !== totalNanoUsd;
  if (isWrong || found.isCorrupt)
    notes.push(`${found.note} ${found.totalNanoUsd} of ${totalNanoUsd}`);
  if (ending === 'unnoticed') notes.push('unnoticed');
  return { ending, isCorrupt: found.isCorrupt, isWrong, note: notes.join('; ') };
}

/** Whether the lost guard is in the file beside the ledger or in the ledger. */
function isWrittenDown(state: string): boolean {
  const folder = join(state, 'guard-lost');
  if (existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.json'))) return true;
  const db = new Database(join(state, 'ledger.db'), { readonly: true });
  try {
    return JSON.stringify(db.prepare('SELECT * FROM decision').all()).includes('GUARD_LOST');
  } finally {
    db.close();
  }
}
