// Clients that are started inside a session and run without hooks: whoever they are, no ceiling holds them. Rule: a client counts as guarded
// when one of its events is in this ledger; it is given time to send its first one.
import { existsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { stateHome } from '../config/paths.ts';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';
import { notesFile } from '../hooks/event-notes.ts';
import type { WatchdogTask } from '../hooks/start-watchdog.ts';
import { commandLineOf, environmentOf, workingFolderOf } from '../runtime/processes.ts';
import type { Alarm } from './alarm.ts';
import { clientsBelow, createStrayLook, type KnownProcess } from './host-process.ts';
import type { WatchedSession } from './report.ts';

/** How often descendants are looked for. */
const EVERY_MS = 2 * SECOND_MS;
/** A client on a machine with nothing else to do has sent its first event by then. */
const FIRST_EVENT_MS = 5 * SECOND_MS;
/** However slow the machine, so many times that. */
const MAX_SLOWER = 4;
/** With these a client runs without the hooks of a person's settings … */
const WITHOUT_HOOKS = /^--(bare|safe-mode|setting-sources)(=|$)/;
/** … and with these perhaps with others. */
const OTHER_HOOKS = /^--(settings|plugin-dir)(=|$)/;

/** Looks for clients below the watched one, in the name of the session that was heard of last. */
export function createNestedWatch(
  task: WatchdogTask,
  alarm: Alarm,
): (session: WatchedSession | null, now: EpochMs) => void {
  const host = { pid: task.hostPid, identity: task.hostIdentity };
  const straysOf = createStrayLook(host);
  const firstSeenAt = new Map<string, EpochMs>();
  const guarded = new Set<string>();
  let lookedAt = 0;
  return (session, now) => {
    if (session === null || Math.abs(now - lookedAt) < EVERY_MS) return;
    lookedAt = now;
    for (const client of [...clientsBelow(host), ...straysOf()]) {
      const name = `${client.pid}-${client.identity}`;
      const since = firstSeenAt.get(name) ?? now;
      firstSeenAt.set(name, since);
      if (guarded.has(name) || now - since < graceOf(client, task.stateHome)) continue;
      if (isGuarded(client, task)) guarded.add(name);
      else alarm.raise('nested-client', session, client, now);
    }
  };
}

/** None for a client whose events cannot come here; longer on a machine that others use, too. */
function graceOf({ pid }: KnownProcess, home: string): number {
  const words = commandLineOf(pid);
  if (words !== 'unknown' && words.some((word) => WITHOUT_HOOKS.test(word))) return 0;
  const text = environmentOf(pid);
  const folder = workingFolderOf(pid);
  if (text !== 'unknown') {
    const variables = parseVariables(text);
    if (stateHome(variables) !== home) return 0;
    const isJudged = words !== 'unknown' && !words.some((word) => OTHER_HOOKS.test(word));
    if (isJudged && folder !== 'unknown' && !hasHooksIn(folder, variables)) return 0;
  }
  const load = (loadavg()[0] ?? 0) / availableParallelism();
  return FIRST_EVENT_MS * Math.min(MAX_SLOWER, Math.max(1, load));
}

const parseVariables = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\0').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );

/** Whether a client that is started in a folder runs hooks of ours; true where that cannot be told. */
function hasHooksIn(folder: string, variables: Readonly<Record<string, string>>): boolean {
  try {
    const { runsHooksIn } = require('./report.ts') as typeof import('./report.ts');
    return runsHooksIn(folder, variables);
  } catch {
    return true;
  }
}

function isGuarded({ pid }: KnownProcess, task: WatchdogTask): boolean {
  if (existsSync(notesFile(task.stateHome, pid))) return true;
  try {
    const { hasEventOf } = require('./report.ts') as typeof import('./report.ts');
    return hasEventOf(pid, task);
  } catch {
    return true; // not known, so nobody is stopped for it
  }
}
