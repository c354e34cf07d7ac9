// Records scanned chunks in the ledger, each batch in one transaction. Rule: a chunk is recorded only where the ledger
// still stands at its beginning; whatever a hook has read meanwhile is left to it.
import type { Agent, TranscriptFact, Unreadable } from '../../agents/agent.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Checkpoint, RecordingStore, Store } from '../../stores/store.ts';
import { headOf } from '../ingest-session.ts';
import { createRecorder, noFindings } from '../record-fact.ts';
import { settle } from '../settle.ts';
import type { KnownHead, RecorderDeps } from '../types.ts';
import type { SyncJob } from './plan.ts';
import type { ReadyChunk } from './queue.ts';
import type { Chunk, ChunkStart } from './scan.ts';

/** What recording needs beside the ledger; it may differ by project. */
export type RecordingDeps = Omit<RecorderDeps, 'store'>;

/** Where a sync records. */
export interface RecordingLedger {
  readonly store: Store;
  /** By the folder a session worked in (`null` when no line says) and its main transcript. */
  readonly depsFor: (cwd: string | null, mainPath: string) => RecordingDeps;
}

/** What a sync did. */
export interface Synced {
  readonly readFileCount: number;
  readonly readBytes: number;
  /** Requests that were new to the ledger. */
  readonly requestCount: number;
  /** Files that a hook read on meanwhile, or that went away; nothing of them is lost. */
  readonly supersededCount: number;
  /** Files that could not be read to their ends. */
  readonly unreadable: readonly Unreadable[];
  /** Model → the row it was counted as. */
  readonly unknownModels: ReadonlyMap<string, string>;
}

export interface ChunkRecorder {
  /** Records a batch in one transaction. Throws `TollgateError`. */
  readonly record: (batch: readonly ReadyChunk[], now: EpochMs) => void;
  readonly result: () => Synced;
}

type Position = Pick<ChunkStart, 'path' | 'inode' | 'offset'>;

export function chunkRecorder(
  agent: Pick<Agent, 'sessionIdOf'>,
  { store, depsFor }: RecordingLedger,
): ChunkRecorder {
  const unknownModels = new Map<string, string>();
  const superseded = new Set<string>();
  const unread: Unreadable[] = [];
  const count = { files: 0, bytes: 0, requests: 0 };
  let findings = noFindings();
  let recording: RecordingDeps = depsFor(null, '');
  let head: { readonly main: SessionId; readonly known: KnownHead | null } | null = null;
  let expected: Position | null = null;

  const recordChunk = (job: SyncJob, chunk: Chunk, ledger: RecordingStore, now: EpochMs) => {
    const { path } = job.start;
    if (chunk.failure !== null) unread.push({ path, code: chunk.failure });
    if (chunk.failure !== null && chunk.offset === chunk.startOffset) return;
    if (!standsAt(ledger, expected?.path === path ? expected : job.start)) superseded.add(path);
    if (superseded.has(path)) return;
    const main = agent.sessionIdOf(job.mainPath);
    const session = ledger.readSession(main);
    // All files of a session are read against the head as it was before the first of them.
    if (head?.main !== main) head = { main, known: headOf(session) };
    const from = head.known;
    const recorderIn = (cwd: string | null) => {
      recording = depsFor(cwd, job.mainPath);
      return createRecorder({ ...recording, store: ledger }, now, job.file, from, findings);
    };
    count.requests += recordFacts(chunk, session?.cwd ?? null, recorderIn);
    expected = { path, inode: chunk.inode, offset: chunk.offset };
    ledger.writeCheckpoint(checkpointAfter(chunk, path, ledger));
    count.bytes += chunk.offset - chunk.startOffset;
  };

  const endSession = (ledger: RecordingStore, now: EpochMs) => {
    for (const id of findings.toSettle) settle(id, ledger, recording, now);
    for (const [model, pricedAs] of findings.unknown) unknownModels.set(model, pricedAs);
    findings = noFindings();
  };

  return {
    record: (batch, now) =>
      store.bulk((ledger) => {
        for (const { job, chunk } of batch) {
          if (chunk) recordChunk(job, chunk, ledger, now);
          else count.files += 1;
          if (!chunk && job.endsSession) endSession(ledger, now);
        }
      }),
    result: () => ({
      readFileCount: count.files - superseded.size - unread.length,
      readBytes: count.bytes,
      requestCount: count.requests,
      supersededCount: superseded.size,
      unreadable: unread,
      unknownModels,
    }),
  };
}

function checkpointAfter(chunk: Chunk, path: string, ledger: RecordingStore): Checkpoint {
  const { inode, startOffset, offset, before, writtenAt, carry } = chunk;
  const read = startOffset === 0 ? undefined : ledger.readCheckpoint(path)?.read;
  return { path, inode, offset, before, writtenAt, read, carry };
}

/** Whether a file is recorded up to a position and no further. */
function standsAt(ledger: RecordingStore, { path, inode, offset }: Position): boolean {
  const known = ledger.readCheckpoint(path);
  return (known?.inode ?? 0) === inode && (known?.offset ?? 0) === offset;
}

/**
 * Records the facts of a chunk; answers how many requests were new. The folder of the first request tells whose prices and
 * labels hold; until then the session's does.
 */
function recordFacts(
  chunk: Chunk,
  sessionCwd: string | null,
  recorderIn: (cwd: string | null) => (fact: TranscriptFact) => boolean,
): number {
  let newCount = 0;
  let isPlaced = false;
  let record = recorderIn(sessionCwd);
  chunk.forEachFact((fact) => {
    if (!isPlaced && fact.kind === 'request') {
      isPlaced = true;
      if (fact.cwd !== null && fact.cwd !== sessionCwd) record = recorderIn(fact.cwd);
    }
    if (record(fact)) newCount += 1;
  });
  return newCount;
}
