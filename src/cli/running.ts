// Which sessions are running on this machine now. Rule: a session runs while its host's process lives; where no
// process is known, for ten minutes after its last event.
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { isAlive, startOf } from '../runtime/processes.ts';
import type { SessionRecord, Store } from '../stores/store.ts';

/** Without a process to look at, a session counts as running this long after its last event. */
const HEARD_OF_MS = 10 * MINUTE_MS;
/** A host silent for longer is not checked: its process number may be somebody else's. */
const FORGOTTEN_MS = 14 * 24 * 60 * MINUTE_MS;

/** The sessions that run, the latest seen first. */
export function runningSessions(store: Store, now: EpochMs): SessionRecord[] {
  return store
    .readSessions({ sinceAt: now - FORGOTTEN_MS })
    .filter((session) => isRunning(session, now));
}

function isRunning(session: SessionRecord, now: EpochMs): boolean {
  if (session.endedAt !== null) return false;
  if (session.hostPid === null) return now - session.lastSeenAt < HEARD_OF_MS;
  if (!isAlive(session.hostPid)) return false;
  // A process that began after the session was last seen is another one with the same number.
  const startedAt = startOf(session.hostPid);
  return startedAt === 'unknown' || startedAt <= session.lastSeenAt + 2 * SECOND_MS;
}
