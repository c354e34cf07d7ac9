// A transcript that says something else than it did where it had been read. Rule: it is read anew, what was counted before stays, and
// it is said; looked for where no request waits.
import type { AgentEvent, Moment } from '../agents/agent.ts';
import { toPerson } from '../domain/breach-text.ts';
import type { EpochMs } from '../domain/time.ts';
import { headOf, ingestSession } from '../ingest/ingest-session.ts';
import { checkReadPart } from '../ingest/read-part.ts';
import type { Checkpoint } from '../stores/store.ts';
import type { GateDeps } from './types.ts';

const LOOKS: ReadonlySet<Moment> = new Set<Moment>(['session-start', 'turn-end']);
/** More than this of one session is left to its watchdog: some 100 ms. */
const MAX_BYTES = 100_000_000;

/** What to tell of transcripts of an event's session that were rewritten; `null`: none was, or nobody looks now. */
export function rewrittenRemark(event: AgentEvent, deps: GateDeps, now: EpochMs): string | null {
  const { moment, transcriptPath } = event;
  if (transcriptPath === null || !LOOKS.has(moment)) return null;
  const checkpoints = deps.agent
    .transcriptFiles(transcriptPath, () => {})
    .flatMap(({ path }) => deps.store.readCheckpoint(path) ?? []);
  const size = checkpoints.reduce((sum, { offset }) => sum + offset, 0);
  if (size > MAX_BYTES) return null;
  const rewritten = checkpoints.filter((each) => wasRewritten(each, deps)).map(({ path }) => path);
  return readAnew(event, rewritten, deps, now);
}

/** Whether a file was; what it says now is kept, to compare the next time. */
function wasRewritten(checkpoint: Checkpoint, { store }: GateDeps): boolean {
  const checked = checkReadPart(checkpoint);
  if (checked === null) return false;
  if (!checked.isSame) return true;
  store.immediately(() => {
    const newest = store.readCheckpoint(checkpoint.path);
    if (newest === null || newest.inode !== checkpoint.inode) return;
    store.writeCheckpoint({ ...newest, read: checked.part });
  });
  return false;
}

/** Reads these files of an event's session from their beginning; what to tell of it, `null` for none. */
export function readAnew(
  {
    sessionId,
    transcriptPath,
    moment,
  }: Pick<AgentEvent, 'sessionId' | 'transcriptPath'> & {
    readonly moment: string;
  },
  paths: readonly string[],
  deps: GateDeps,
  now: EpochMs,
): string | null {
  const [path] = paths;
  if (path === undefined || transcriptPath === null) return null;
  const { store } = deps;
  const breach = { code: 'TRANSCRIPT_REWRITTEN', path } as const;
  store.immediately(() => {
    for (const each of paths) {
      const known = store.readCheckpoint(each);
      // No file has this inode.
      if (known !== null) store.writeCheckpoint({ ...known, inode: 0, read: undefined });
    }
    ingestSession(transcriptPath, deps, now, headOf(store.readSession(sessionId)));
    const verdict = { kind: 'warn', breaches: [breach] } as const;
    store.recordDecision({ at: now, sessionId, moment, verdict });
  });
  return toPerson(breach, sessionId);
}
