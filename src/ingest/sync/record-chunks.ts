// Records scanned chunks in the ledger, each batch in one transaction. Rule: a chunk is recorded only where the ledger
// still stands at its beginning; whatever a hook has read meanwhile is left to it.
import type { Agent } from '../../agents/agent.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { RecordingStore, Store } from '../../stores/store.ts';
import { headOf, type KnownHead, type RecorderDeps } from '../ingest-session.ts';
import { createRecorder, noFindings } from '../record-fact.ts';
import { settle } from '../settle.ts';
import type { SyncJob } from './plan.ts';
import type { ReadyChunk } from './queue.ts';
import type { Chunk } from './scan.ts';

/** What recording needs beside the ledger; it may differ by project. */
export type RecordingDeps = Omit<RecorderDeps, 'store'>;

/** Where a sync records. */
export interface RecordingLedger {
  readonly store: Store;
  /** By the folder a session worked in; `null` when no line says. */
  readonly depsFor: (cwd: string | null) => RecordingDeps;
}

/** What a sync did. */
export interface Synced {
  readonly readFileCount: number;
  readonly readBytes: number;
  /** Requests that were new to the ledger. */
  readonly requestCount: number;
  /** Files that a hook read on meanwhile, or that went away; nothing of them is lost. */
  readonly supersededCount: number;
  /** Model → the row it was counted as. */
  readonly unknownModels: ReadonlyMap<string, string>;
}

export interface ChunkRecorder {
  /** Records a batch in one transaction. Throws `TollgateError`. */
  readonly record: (batch: readonly ReadyChunk[], now: EpochMs) => void;
  readonly result: () => Synced;
}

export function chunkRecorder(
  agent: Pick<Agent, 'sessionIdOf'>,
  { store, depsFor }: RecordingLedger,
): ChunkRecorder {
  const unknownModels = new Map<string, string>();
  const superseded = new Set<string>();
  const count = { files: 0, bytes: 0, requests: 0 };
  let findings = noFindings();
  let recording: RecordingDeps = depsFor(null);
  let head: { readonly main: SessionId; readonly known: KnownHead | null } | null = null;
  let expected: { readonly path: string; readonly inode: number; readonly offset: number } | null =
    null;

  const isSuperseded = ({ start }: SyncJob, ledger: RecordingStore): boolean => {
    const known = ledger.readCheckpoint(start.path);
    const at = expected?.path === start.path ? expected : start;
    const isSame = (known?.inode ?? 0) === at.inode && (known?.offset ?? 0) === at.offset;
    if (!isSame) superseded.add(start.path);
    return !isSame;
  };

  const recordChunk = (job: SyncJob, chunk: Chunk, ledger: RecordingStore, now: EpochMs) => {
    const { path } = job.start;
    if (superseded.has(path) || isSuperseded(job, ledger)) return;
    const main = agent.sessionIdOf(job.mainPath);
    const session = ledger.readSession(main);
    // All files of a session are read against the head as it was before the first of them.
    if (head?.main !== main) head = { main, known: headOf(session) };
    const from = head.known;
    const recorderIn = (cwd: string | null) => {
      recording = depsFor(cwd);
      return createRecorder({ ...recording, store: ledger }, now, job.file, from, findings);
    };
    // The folder of the first request tells whose prices and labels hold; until then the session's does.
    const sessionCwd = session?.cwd ?? null;
    let isPlaced = false;
    let record = recorderIn(sessionCwd);
    chunk.forEachFact((fact) => {
      if (!isPlaced && fact.kind === 'request') {
        isPlaced = true;
        if (fact.cwd !== null && fact.cwd !== sessionCwd) record = recorderIn(fact.cwd);
      }
      if (record(fact)) count.requests += 1;
    });
    expected = { path, inode: chunk.inode, offset: chunk.offset };
    ledger.writeCheckpoint({ ...expected, carry: chunk.carry });
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
      readFileCount: count.files - superseded.size,
      readBytes: count.bytes,
      requestCount: count.requests,
      supersededCount: superseded.size,
      unknownModels,
    }),
  };
}
