// Reads the new part of a session's transcripts into the ledger. Rule: a file is read from where the last
// reader stopped, inside the transaction that records it, so two readers can never record twice.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { ScanCarry, TranscriptFile } from '../agents/agent.ts';
import { NO_CARRY } from '../agents/agent.ts';
import type { EpochMs } from '../domain/time.ts';
import type { SessionRecord } from '../stores/store.ts';
import { mergeResponseLines } from './merge-response-lines.ts';
import { createRecorder, type Findings, noFindings } from './record-fact.ts';
import { settle } from './settle.ts';
import type { IngestDeps, Ingested, KnownHead, RecorderDeps } from './types.ts';

/** Bytes taken in one gulp: memory stays small however large a transcript is. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** The head as the last event of a session left it; `null` for one that no event told us of. */
export function headOf(
  session: Pick<SessionRecord, 'repository' | 'branch' | 'lastSeenAt' | 'hostPid'> | null,
): KnownHead | null {
  if (session === null || session.hostPid === null) return null;
  return { repository: session.repository, branch: session.branch, since: session.lastSeenAt };
}

/** Reads what is new in all files of a session, and settles whatever that changes. Call inside `store.immediately`. */
export function ingestSession(
  mainPath: string,
  deps: IngestDeps,
  now: EpochMs,
  head: KnownHead | null,
): Ingested {
  const findings = noFindings();
  const requestCount = deps.store.batched((store) => {
    const gathering = { ...deps, store };
    let count = ingestFiles(mainPath, gathering, now, head, findings);
    // A fork takes over what its parent has spent; a parent from before Tollgate came is read now.
    // (Iterating over a set meets what is added meanwhile: a parent may have a parent.)
    for (const parent of findings.unreadParents) {
      const path = deps.agent.siblingTranscript(mainPath, parent);
      if (path !== null) count += ingestFiles(path, gathering, now, null, findings);
    }
    return count;
  });
  for (const id of findings.toSettle) settle(id, deps.store, deps, now);
  return {
    requestCount,
    unknownModels: [...findings.unknown].map(([model, pricedAs]) => ({ model, pricedAs })),
  };
}

function ingestFiles(
  mainPath: string,
  deps: RecorderDeps,
  now: EpochMs,
  head: KnownHead | null,
  findings: Findings,
): number {
  let requestCount = 0;
  for (const file of deps.agent.transcriptFiles(mainPath)) {
    requestCount += ingestFile(file, deps, now, head, findings);
  }
  return requestCount;
}

function ingestFile(
  file: TranscriptFile,
  deps: RecorderDeps,
  now: EpochMs,
  head: KnownHead | null,
  findings: Findings,
): number {
  // Not written yet, or a session without a transcript. (Another file in its place a moment later is found out by its
  // inode the next time, and read from its beginning.)
  const stat = statSync(file.path, { throwIfNoEntry: false });
  if (!stat) return 0;
  const checkpoint = deps.store.readCheckpoint(file.path);
  const isSame = checkpoint?.inode === stat.ino && checkpoint.offset <= stat.size;
  let offset = isSame ? checkpoint.offset : 0;
  let carry: ScanCarry = isSame ? checkpoint.carry : NO_CARRY;
  if (offset === stat.size) return 0;

  let requestCount = 0;
  const record = createRecorder(deps, now, file, head, findings);
  const whole = mergeResponseLines((fact) => {
    if (record(fact)) requestCount += 1;
  });
  const start = offset;
  const fd = openSync(file.path, 'r');
  try {
    let chunkBytes = CHUNK_BYTES;
    while (offset < stat.size) {
      const bytes = Buffer.allocUnsafe(Math.min(chunkBytes, stat.size - offset));
      const read = readSync(fd, bytes, 0, bytes.length, offset);
      const all = read === bytes.length ? bytes : bytes.subarray(0, read);
      const scanned = deps.agent.scan(all, carry, whole.take);
      carry = scanned.carry;
      offset += scanned.consumedBytes;
      if (scanned.consumedBytes > 0) continue;
      // No whole line in sight: a line longer than the chunk, or one that is still being written.
      if (read < chunkBytes) break;
      chunkBytes *= 2;
    }
    whole.end();
    if (offset !== start || !isSame) {
      deps.store.writeCheckpoint({ path: file.path, inode: stat.ino, offset, carry });
    }
  } finally {
    closeSync(fd);
  }
  return requestCount;
}
