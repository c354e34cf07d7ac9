// Reads the new part of a session's transcripts into the ledger. Rule: a file is read from where the last
// reader stopped, inside the transaction that records it, so two readers can never record twice.
import { closeSync } from 'node:fs';
import {
  NO_CARRY,
  type OnUnreadable,
  type ScanCarry,
  type TranscriptFile,
  type Unreadable,
} from '../agents/agent.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { SessionRecord } from '../stores/store.ts';
import {
  fingerprintBefore,
  goesOn,
  openFile,
  readAt,
  statFile,
  unreadable,
} from './file-position.ts';
import { mergeResponseLines } from './merge-response-lines.ts';
import { createRecorder, type Findings, noFindings } from './record-fact.ts';
import { settle } from './settle.ts';
import { unusableCountOf, withTornEnd } from './torn-end.ts';
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
  const missed = new Map<string, Unreadable>();
  const onUnreadable: OnUnreadable = (each) => missed.set(each.path, each);
  const { requestCount, unusableCount } = deps.store.batched((store) => {
    const gathering = { ...deps, store };
    const own = ingestFiles(mainPath, gathering, now, head, findings, onUnreadable);
    let count = own.requestCount;
    // A fork takes over what its parent has spent; a parent from before Tollgate came is read now.
    // (Iterating over a set meets what is added meanwhile: a parent may have a parent.)
    for (const parent of findings.unreadParents) {
      const path = deps.agent.siblingTranscript(mainPath, parent);
      if (path === null) continue;
      count += ingestFiles(path, gathering, now, null, findings, () => {}).requestCount;
    }
    return { requestCount: count, unusableCount: own.unusableCount };
  });
  if (findings.toolUseIds.length > 0) {
    deps.store.releaseSeen(deps.agent.sessionIdOf(mainPath), findings.toolUseIds);
  }
  for (const id of findings.toSettle) settle(id, deps.store, deps, now);
  return {
    requestCount,
    unusableCount,
    unreadable: [...missed.values()],
    unknownModels: [...findings.unknown].map(([model, pricedAs]) => ({ model, pricedAs })),
  };
}

function ingestFiles(
  mainPath: string,
  deps: RecorderDeps,
  now: EpochMs,
  head: KnownHead | null,
  findings: Findings,
  onUnreadable: OnUnreadable,
): FileRead {
  const sum = { requestCount: 0, unusableCount: 0 };
  const session = deps.agent.sessionIdOf(mainPath);
  for (const file of deps.agent.transcriptFiles(mainPath, onUnreadable)) {
    try {
      const read = ingestFile(file, session, deps, now, head, findings);
      sum.requestCount += read.requestCount;
      sum.unusableCount += read.unusableCount;
    } catch (error) {
      onUnreadable(unreadable(file.path, error));
    }
  }
  return sum;
}

type FileRead = Pick<Ingested, 'requestCount' | 'unusableCount'>;

function ingestFile(
  file: TranscriptFile,
  session: SessionId,
  deps: RecorderDeps,
  now: EpochMs,
  head: KnownHead | null,
  findings: Findings,
): FileRead {
  // Not written yet, or a session without a transcript. (Another file in its place a moment later is found out by its
  // inode the next time, and read from its beginning.)
  const stat = statFile(file.path);
  const checkpoint = stat || file.agentId === null ? deps.store.readCheckpoint(file.path) : null;
  if (!stat) {
    return { requestCount: 0, unusableCount: checkpoint ? unusableCountOf(checkpoint.carry) : 0 };
  }
  const isSame = checkpoint !== null && goesOn(checkpoint, file.path, stat, null);
  let offset = isSame ? checkpoint.offset : 0;
  let carry: ScanCarry = isSame ? checkpoint.carry : NO_CARRY;
  if (offset === stat.size) return { requestCount: 0, unusableCount: unusableCountOf(carry) };

  let requestCount = 0;
  const record = createRecorder(deps, now, file, head, findings);
  const whole = mergeResponseLines((fact) => {
    if (record(fact)) requestCount += 1;
  });
  const start = offset;
  const from = { sessionId: session, agentId: file.agentId };
  const fd = openFile(file.path);
  try {
    let chunkBytes = CHUNK_BYTES;
    while (offset < stat.size) {
      const all = readAt(fd, offset, Math.min(chunkBytes, stat.size - offset));
      const source = { ...from, offset, writtenAt: stat.mtimeMs };
      const scanned = deps.agent.scan(all, carry, whole.take, source);
      carry = scanned.carry;
      offset += scanned.consumedBytes;
      if (scanned.consumedBytes > 0) continue;
      // No whole line in sight: a line longer than the chunk, or one that is still being written.
      if (all.length < chunkBytes) break;
      chunkBytes *= 2;
    }
    whole.end();
    const hadTornEnd = carry.hasTornEnd;
    carry = withTornEnd(carry, fd, offset, stat, deps.agent, now);
    if (offset !== start || !isSame || carry.hasTornEnd !== hadTornEnd) {
      const before = fingerprintBefore(fd, offset);
      const { ino: inode, ctimeMs: writtenAt } = stat;
      const read = isSame ? checkpoint.read : undefined;
      const position = { path: file.path, inode, offset, before, writtenAt };
      deps.store.writeCheckpoint({ ...position, read, carry });
    }
  } finally {
    closeSync(fd);
  }
  return { requestCount, unusableCount: unusableCountOf(carry) };
}
