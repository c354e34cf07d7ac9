// Sees whether transcripts are changed where they were read, also while a turn goes on for hours. Rule: knows by itself what they said, so
// that nobody can change that; reads all of them, and so seldom that it costs next to nothing.
import { statSync } from 'node:fs';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';
import type { WatchdogTask } from '../hooks/start-watchdog.ts';
import { checkPart } from '../ingest/read-part.ts';
import type { ReadPart } from '../stores/store.ts';
import { agent } from '../wire.ts';
import type { WatchedSession } from './report.ts';
import { tellPerson } from './tell-person.ts';

const BETWEEN_MS = 15 * SECOND_MS;
/** After a look that took a while it waits so many times as long. */
const REST = 200;

/** Looks at the transcripts of a client's sessions; call it often. `onRewritten` gets those that were changed. */
export function createRewriteWatch(
  onRewritten: (session: WatchedSession, paths: readonly string[]) => void,
): (sessions: readonly WatchedSession[], now: EpochMs) => void {
  const known = new Map<string, ReadPart>();
  let nextAt = 0;
  return (sessions, now) => {
    if (now < nextAt || sessions.length === 0) return;
    const startedAt = performance.now();
    for (const session of sessions) {
      const files = agent.transcriptFiles(session.transcriptPath, () => {});
      const rewritten = files.map(({ path }) => path).filter((path) => wasRewritten(path, known));
      if (rewritten.length > 0) onRewritten(session, rewritten);
    }
    nextAt = now + Math.max(BETWEEN_MS, REST * (performance.now() - startedAt));
  };
}

/** Whether a file was, since the last time; what it says now is known from then on. */
function wasRewritten(path: string, known: Map<string, ReadPart>): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const checked = checkPart(path, known.get(path) ?? null, size);
  if (checked !== null) known.set(path, checked.part);
  return checked?.isSame === false;
}

/** Has them be read anew, and tells the person. */
export function tellRewritten(
  session: WatchedSession,
  paths: readonly string[],
  task: WatchdogTask,
  env: NodeJS.ProcessEnv,
): void {
  try {
    // Loaded only then: a watchdog that has nothing to say stays small.
    const { recordRewritten } = require('./report.ts') as typeof import('./report.ts');
    const said = recordRewritten(session, paths, task, env);
    if (said !== null) tellPerson(task.hostPid, said, env);
  } catch {
    // The next turn's end finds it, too.
  }
}
