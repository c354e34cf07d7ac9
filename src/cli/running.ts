// Which sessions are running on this machine now. Rule: a session runs while its client's process lives; where no
// process is known, while something was heard of it lately.
import { readFileSync } from 'node:fs';
import { findProjectRoot } from '../config/paths.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';

/** Without a process to look at, a session counts as running this long after its last event. */
const HEARD_OF_MS = 10 * MINUTE_MS;
/** A client that has been silent for longer is not asked about: its process number may be somebody else's. */
const FORGOTTEN_MS = 14 * 24 * 60 * MINUTE_MS;

/** All of them, the one heard of last first. */
export function runningSessions(store: Store, now: EpochMs): SessionRecord[] {
  return store
    .readSessions({ sinceAt: now - FORGOTTEN_MS })
    .filter((session) => isRunning(session, now));
}

export function isRunning(session: SessionRecord, now: EpochMs): boolean {
  if (session.endedAt !== null) return false;
  if (session.hostPid === null) return now - session.lastSeenAt < HEARD_OF_MS;
  return isAlive(session.hostPid, session.lastSeenAt);
}

/** Running sessions that a command is about: one named, all, or the newest of this folder. */
export function chosenSessions(
  store: Store,
  options: Readonly<Record<string, unknown>>,
  among: readonly SessionRecord[],
  context: CliContext,
): readonly SessionRecord[] {
  if (options.all === true) return among;
  if (typeof options.session === 'string') {
    const wanted = options.session;
    // A session that is not running may be meant, too: it can be resumed later, and then the halt holds.
    const found = store.readSessions({}).filter(({ sessionId }) => sessionId.startsWith(wanted));
    const exact = found.find(({ sessionId }) => sessionId === wanted);
    if (exact) return [exact];
    if (found.length === 1) return found;
    const message =
      found.length === 0
        ? `no session begins with ${wanted}`
        : `${found.length} sessions begin with ${wanted}`;
    throw unknown(message);
  }
  const root = findProjectRoot(context.cwd);
  const here = among.filter(({ cwd }) => cwd !== null && findProjectRoot(cwd) === root);
  const newest = here[0];
  if (newest) return [newest];
  throw unknown('no such session in this folder');
}

function unknown(message: string): TollgateError {
  return new TollgateError({
    code: 'SESSION_UNKNOWN',
    message,
    hint: 'name one with --session, or take --all; tollgate watch --once lists those that run',
  });
}

/** Whether the process lives, and is the one that was meant: it had begun when the session was last heard of. */
function isAlive(pid: number, seenAt: EpochMs): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process lives as well.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const startedAt = startOf(pid);
  return startedAt === null || startedAt <= seenAt + 2 * SECOND_MS;
}

/** Ticks per second of /proc: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** When a process began; `null` where the system does not tell. */
function startOf(pid: number): EpochMs | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the start is the twentieth field after it.
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
    if (boot === undefined || !Number.isFinite(ticks)) return null;
    return Number(boot) * SECOND_MS + (ticks / TICKS) * SECOND_MS;
  } catch {
    return null;
  }
}
