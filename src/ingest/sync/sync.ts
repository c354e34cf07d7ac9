// Reads every transcript there is into the ledger, as the hooks would have read it. Rule: scanning may happen on any
// thread and in any order; recording happens here, in order, in short transactions that a hook can wait for.
import { basename } from 'node:path';
import type { Agent } from '../../agents/agent.ts';
import { sessionId } from '../../domain/ids.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { RecordingStore, Store } from '../../stores/store.ts';
import type { KnownHead, RecorderDeps } from '../ingest-session.ts';
import { headOf } from '../ingest-session.ts';
import { createRecorder, noFindings } from '../record-fact.ts';
import { settle } from '../settle.ts';
import type { SyncJob, SyncPlan } from './plan.ts';
import { type Chunk, type ChunkStart, readChunk, startAfter } from './scan.ts';

/** What recording needs beside the ledger; it may differ by project. */
export type RecordingDeps = Omit<RecorderDeps, 'store'>;

export interface SyncDeps {
  readonly agent: Agent;
  /** Called once, when the scanners have enough to do: to get a ledger ready takes as long as the first stretches. */
  readonly open: () => RecordingLedger;
  readonly clock: () => EpochMs;
  /** Threads that scan; none: everything is scanned here. */
  readonly scanners: readonly Scanner[];
  readonly onProgress: (doneBytes: number) => void;
}

/** Where a sync records. */
export interface RecordingLedger {
  readonly store: Store;
  /** By the folder a session worked in; `null` when no line says. */
  readonly depsFor: (cwd: string | null) => RecordingDeps;
}

/** Scans elsewhere; may be asked again before it has answered. */
export interface Scanner {
  /**
   * Reads files to their ends, one after the other, and tells each stretch when it is read: by the place of its start,
   * and `null` for a file that is gone. Fulfilled when all are told.
   */
  readonly scan: (starts: readonly ChunkStart[], emit: EmitChunk) => Promise<void>;
}

export type EmitChunk = (place: number, chunk: Chunk | null) => void;

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

/** Asked of one scanner at a time: it shall have enough to do until a transaction here is through. */
const QUESTIONS_PER_SCANNER = 8;
/** Small jobs are asked for together, since a question and its answer take as long as many of them. */
const QUESTION_BYTES = 1024 * 1024;
/** Facts recorded in one transaction: some thirty milliseconds for a hook to wait. */
const FACTS_PER_TRANSACTION = 4_000;

/** A job that somebody scans, and where to go on with it. */
interface Claim {
  readonly index: number;
  readonly start: ChunkStart;
}

/** The stretches of a job that are scanned and not yet recorded. */
interface Scanned {
  readonly chunks: Chunk[];
  isDone: boolean;
}

/** Carries out a plan. Throws `TollgateError` when the ledger refuses; what was recorded until then stays. */
export async function sync(plan: SyncPlan, deps: SyncDeps): Promise<Synced> {
  const { jobs } = plan;
  const scanned: Scanned[] = jobs.map(() => ({ chunks: [], isDone: false }));
  let claimed = 0;
  let recorded = 0;
  let failure: unknown = null;
  let wake = () => {};
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });

  const take = (index: number, chunk: Chunk | null) => {
    const at = scanned[index];
    if (!at) return;
    if (chunk) at.chunks.push(chunk);
    at.isDone = !chunk?.hasMore;
  };

  /** The next jobs, as many as one question is for. */
  const claim = (): Claim[] => {
    const claims: Claim[] = [];
    for (let bytes = 0; claimed < jobs.length; claimed += 1) {
      const job = jobs[claimed];
      if (!job || (claims.length > 0 && bytes + job.pendingBytes > QUESTION_BYTES)) break;
      bytes += job.pendingBytes;
      claims.push({ index: claimed, start: job.start });
    }
    return claims;
  };

  const runScanner = async (scanner: Scanner) => {
    while (claimed < jobs.length && failure === null) {
      const claims = claim();
      const starts = claims.map(({ start }) => start);
      await scanner.scan(starts, (place, chunk) => {
        take(claims[place]?.index ?? jobs.length, chunk);
        wake();
      });
    }
  };
  // Question by question around the scanners, so that a few large files are shared among them.
  const running = Array.from({ length: QUESTIONS_PER_SCANNER }).flatMap(() =>
    deps.scanners.map((scanner) =>
      runScanner(scanner).catch((error: unknown) => {
        failure = error;
        wake();
      }),
    ),
  );

  /** Records what is ready, in order, in one transaction; false when nothing was. */
  const recordReady = (recorder: JobRecorder): boolean => {
    const batch: { readonly job: SyncJob; readonly chunk: Chunk | null }[] = [];
    let factCount = 0;
    while (recorded < jobs.length && factCount < FACTS_PER_TRANSACTION) {
      const job = jobs[recorded];
      const at = scanned[recorded];
      if (!job || !at) break;
      const chunk = at.chunks.shift() ?? null;
      if (chunk) {
        factCount += chunk.factCount;
        batch.push({ job, chunk });
      }
      if (at.chunks.length > 0) continue;
      if (!at.isDone) {
        if (!chunk) break;
        continue;
      }
      batch.push({ job, chunk: null });
      recorded += 1;
    }
    if (batch.length === 0) return false;
    recorder.record(batch);
    for (const { chunk } of batch) chunk?.release();
    return true;
  };

  /**
   * A job for this thread, where there is no other: else this one has enough to do with recording, and code that scans
   * would be compiled for it once more.
   */
  const claimHere = (): Claim | null => {
    const job = jobs[claimed];
    if (!job || deps.scanners.length > 0) return null;
    claimed += 1;
    return { index: claimed - 1, start: job.start };
  };
  let mine: Claim | null = null;

  try {
    const recorder = recordJobs(deps);
    while (recorded < jobs.length) {
      if (failure !== null) throw failure;
      if (recordReady(recorder)) {
        await nextTurn();
        continue;
      }
      mine ??= claimHere();
      if (mine !== null) {
        // One stretch, and then it is recorded.
        const { index, start }: Claim = mine;
        const chunk = readChunk(deps.agent, start);
        take(index, chunk);
        mine = chunk?.hasMore ? { index, start: startAfter(start.path, chunk) } : null;
        continue;
      }
      await woken();
    }
    await Promise.all(running);
    return recorder.result();
  } catch (error) {
    failure = error;
    throw error;
  }
}

/** Lets the answers of other threads in. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

type JobRecorder = ReturnType<typeof recordJobs>;

function recordJobs(deps: SyncDeps) {
  const { store, depsFor } = deps.open();
  const unknownModels = new Map<string, string>();
  const overtaken = new Set<string>();
  let findings = noFindings();
  let recording: RecordingDeps = depsFor(null);
  let head: { readonly main: string; readonly known: KnownHead | null } | null = null;
  let expected: { readonly path: string; readonly inode: number; readonly offset: number } | null =
    null;
  let readFileCount = 0;
  let readBytes = 0;
  let requestCount = 0;

  const recordChunk = (job: SyncJob, chunk: Chunk, ledger: RecordingStore, now: EpochMs) => {
    const { path } = job.start;
    if (overtaken.has(path)) return;
    const known = ledger.readCheckpoint(path);
    const at = expected?.path === path ? expected : job.start;
    if ((known?.inode ?? 0) !== at.inode || (known?.offset ?? 0) !== at.offset) {
      overtaken.add(path);
      return;
    }
    const main = sessionId(basename(job.mainPath, '.jsonl'));
    const session = ledger.readSession(main);
    // All files of a session are read against the head as it was before the first of them.
    if (head?.main !== main) head = { main, known: headOf(session) };
    const from = head.known;
    const recorderIn = (cwd: string | null) => {
      recording = depsFor(cwd);
      return createRecorder({ ...recording, store: ledger }, now, job.file, from, findings);
    };
    // The folder of the first request tells whose prices and labels hold; until then the session's does.
    let cwd = session?.cwd ?? null;
    let isPlaced = false;
    let record = recorderIn(cwd);
    chunk.forEachFact((fact) => {
      if (!isPlaced && fact.kind === 'request') {
        isPlaced = true;
        if (fact.cwd !== null && fact.cwd !== cwd) {
          cwd = fact.cwd;
          record = recorderIn(cwd);
        }
      }
      if (record(fact)) requestCount += 1;
    });
    expected = { path, inode: chunk.inode, offset: chunk.offset };
    ledger.writeCheckpoint({ ...expected, carry: chunk.carry });
    readBytes += chunk.offset - chunk.startOffset;
  };

  const endSession = (ledger: RecordingStore, now: EpochMs) => {
    for (const id of findings.toSettle) settle(id, ledger, recording, now);
    for (const [model, pricedAs] of findings.unknown) unknownModels.set(model, pricedAs);
    findings = noFindings();
  };

  return {
    /** One transaction. A job without a stretch has no more of them. */
    record: (batch: readonly { readonly job: SyncJob; readonly chunk: Chunk | null }[]) => {
      const now = deps.clock();
      store.bulk((ledger) => {
        for (const { job, chunk } of batch) {
          if (chunk) {
            recordChunk(job, chunk, ledger, now);
          } else {
            readFileCount += 1;
            if (job.endsSession) endSession(ledger, now);
          }
        }
      });
      deps.onProgress(readBytes);
    },
    result: (): Synced => ({
      readFileCount: readFileCount - overtaken.size,
      readBytes,
      requestCount,
      supersededCount: overtaken.size,
      unknownModels,
    }),
  };
}
