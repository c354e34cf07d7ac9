// Starts the watchdog of a client: a process of its own that sees whether the client's hooks run. Rule: one for each client, whoever asks at
// the same time; no event waits for it, and it is given nothing of the environment but what it needs.

import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { withHostPid } from '../agents/claude-code/environment.ts';
import { SECOND_MS } from '../domain/time.ts';
import { findBuiltFile } from '../runtime/built-file.ts';
import { startDetached } from '../runtime/detached.ts';
import { identityOf, isAlive } from '../runtime/processes.ts';
import { notesFile } from './event-notes.ts';
import { endStopped, isWatched, signFile } from './watchdog-sign.ts';

/** What a watchdog is started with. */
export interface WatchdogTask {
  readonly stateHome: string;
  readonly hostPid: number;
  /** See `identityOf`. */
  readonly hostIdentity: string;
  /** Of the configuration that the client was started under. */
  readonly onGuardLost: 'halt' | 'warn';
  /** The folder that the configuration is looked up from. */
  readonly folder: string;
}

/** The names that a watchdog needs of the environment: where things are, and how they are shown. */
const NEEDED =
  /^(HOME|USERPROFILE|SYSTEMROOT|PATH|LANG|LC_ALL|TZ|USER|XDG_\w+|CLAUDE_CONFIG_DIR|CLAUDE_PROJECT_DIR|TOLLGATE_\w+|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY)$/i;
/** Memory for a process that reads a few lines at a time. */
const SMALL = ['--max-old-space-size=128', '--max-semi-space-size=1'];
/** Between making its sign and writing into it a hook takes milliseconds. */
const BEING_WRITTEN_MS = 5 * SECOND_MS;

/** Starts it; false where one runs, another hook is starting one, or none can be started here. */
export function startWatchdog(task: WatchdogTask, env: NodeJS.ProcessEnv): boolean {
  const { stateHome, hostPid } = task;
  const program = findBuiltFile('hooks/watchdog.cjs');
  if (program === null) return false;
  const sign = signFile(stateHome, hostPid);
  mkdirSync(dirname(sign), { recursive: true, mode: 0o700 });
  removeOfDeadClients(dirname(sign));
  const handle = takeSign(sign, stateHome, hostPid);
  if (handle === null) return false;
  try {
    closeSync(openSync(notesFile(stateHome, hostPid), 'a', 0o600));
    const given = Object.entries(env).filter(([name]) => NEEDED.test(name));
    const pid = startDetached(process.execPath, [...SMALL, program, JSON.stringify(task)], {
      cwd: '/',
      env: withHostPid(Object.fromEntries(given), hostPid),
    });
    if (pid === null) return false;
    writeSync(handle, JSON.stringify({ pid, identity: identityOf(pid) }));
    return true;
  } finally {
    closeSync(handle);
  }
}

/** The sign's file, made by this process alone; `null`: somebody else's. */
function takeSign(sign: string, stateHome: string, hostPid: number): number | null {
  for (const isLast of [false, true]) {
    try {
      return openSync(sign, 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isLast || isWatched(stateHome, hostPid) || isBeingWritten(sign)) return null;
      endStopped(stateHome, hostPid);
      unlinkSync(sign);
    }
  }
  return null;
}

function isBeingWritten(sign: string): boolean {
  const stat = statSync(sign, { throwIfNoEntry: false });
  return stat?.size === 0 && Date.now() - stat.mtimeMs < BEING_WRITTEN_MS;
}

/** A watchdog that was killed leaves its files. */
function removeOfDeadClients(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number.parseInt(name, 10);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    try {
      unlinkSync(`${folder}/${name}`);
    } catch {
      // Another hook has removed it.
    }
  }
}
