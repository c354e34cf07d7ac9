// Reads what a session's transcripts have that the ledger has not. Rule: the same head rule as the hooks', so
// that it does not matter who happens to read a line first.
import type { EpochMs } from '../domain/time.ts';
import type { SessionRecord } from '../stores/store.ts';
import { ingestSession } from './ingest-session.ts';
import { type IngestDeps, type Ingested, NOTHING_INGESTED } from './types.ts';

/** Reads the new lines of a session the ledger knows. Call inside `store.immediately`. */
export function ingestNewLines(session: SessionRecord, deps: IngestDeps, now: EpochMs): Ingested {
  if (session.transcriptPath === null) return NOTHING_INGESTED;
  const { repository, branch, lastSeenAt } = session;
  // Only hooks know the head of a moment; where none runs, the stamp on the line is all there is.
  const isWatched = session.hostPid !== null && session.endedAt === null;
  const head = isWatched ? { repository, branch, since: lastSeenAt } : null;
  return ingestSession(session.transcriptPath, deps, now, head);
}
