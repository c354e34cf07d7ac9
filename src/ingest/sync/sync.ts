// Reads every transcript there is into the ledger, as the hooks would have read it. Rule: scanning may happen on any
// thread and in any order; recording happens here, in order, in short transactions that a hook can wait for.
import type { Agent } from '../../agents/agent.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { SyncPlan } from './plan.ts';
import { type Claim, type SyncQueue, syncQueue } from './queue.ts';
import { chunkRecorder, type RecordingLedger, type Synced } from './record-chunks.ts';
import { type Chunk, type ChunkStart, readChunk, startAfter } from './scan.ts';

export interface SyncDeps {
  readonly agent: Agent;
  /** Called once, when the scanners have enough to do: opening a ledger takes as long as scanning the first chunks. */
  readonly open: () => RecordingLedger;
  readonly clock: () => EpochMs;
  /** Threads that scan; with none, everything is scanned here. */
  readonly scanners: readonly Scanner[];
  readonly onProgress: (doneBytes: number) => void;
}

/** Scans elsewhere; may be asked again before it has answered. */
export interface Scanner {
  /**
   * Reads files to their ends, one after the other, and emits each chunk when it is read: with the index of its start,
   * and `null` for a file that is gone. Fulfilled when all are emitted.
   */
  readonly scan: (starts: readonly ChunkStart[], emit: EmitChunk) => Promise<void>;
}

export type EmitChunk = (startIndex: number, chunk: Chunk | null) => void;

/** Requests open at one scanner at a time: it shall have enough to do until a transaction here is through. */
const REQUESTS_PER_SCANNER = 8;
/** Files are asked for together up to this much, since a request and its answer take as long as many small files. */
const REQUEST_BYTES = 2 * 1024 * 1024;
/** Facts recorded in one transaction: a hook waits for some sixty milliseconds. */
const FACTS_PER_TRANSACTION = 8_000;
/** From so many facts on that wait to be recorded, none are scanned here. */
const MAX_WAITING_FACTS = 16_000;

/** Carries out a plan. Throws `TollgateError` when the ledger refuses; what was recorded until then stays. */
export async function sync(plan: SyncPlan, deps: SyncDeps): Promise<Synced> {
  const queue = syncQueue(plan.jobs);
  const threads = runScanners(queue, deps.scanners);
  try {
    const recorder = chunkRecorder(deps.agent, deps.open());
    const scanNext = scannerHere(queue, deps.agent);
    while (!queue.isDone()) {
      threads.throwFailure();
      const ready = queue.takeReady(FACTS_PER_TRANSACTION);
      if (ready.length > 0) {
        recorder.record(ready, deps.clock());
        for (const { chunk } of ready) chunk?.release();
        deps.onProgress(recorder.result().readBytes);
        await nextTurn();
      } else if (scanNext()) {
        await nextTurn();
      } else {
        await threads.nextChunk();
      }
    }
    await threads.ended;
    return recorder.result();
  } finally {
    threads.stop();
  }
}

/** Lets the answers of other threads in. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Scans one chunk on this thread; false when there is nothing to scan, or enough waits to be recorded. */
function scannerHere(queue: SyncQueue, agent: Agent): () => boolean {
  let claim: Claim | null = null;
  return () => {
    if (claim === null && queue.waitingFactCount() < MAX_WAITING_FACTS) {
      claim = queue.claim(0)[0] ?? null;
    }
    if (claim === null) return false;
    const { index, start } = claim;
    const chunk = readChunk(agent, start);
    queue.add(index, chunk);
    claim = chunk?.hasMore ? { index, start: startAfter(start, chunk) } : null;
    return true;
  };
}

/** Keeps scanners busy until everything is claimed, one of them fails, or `stop` is called. */
function runScanners(queue: SyncQueue, scanners: readonly Scanner[]) {
  let failure: unknown = null;
  let isStopped = false;
  let wake = () => {};

  const run = async (scanner: Scanner) => {
    while (queue.hasUnclaimed() && !isStopped) {
      const claims = queue.claim(REQUEST_BYTES);
      const starts = claims.map(({ start }) => start);
      await scanner.scan(starts, (startIndex, chunk) => {
        const claim = claims[startIndex];
        if (claim) queue.add(claim.index, chunk);
        wake();
      });
    }
  };
  // One request after the other to each scanner, so that a few large files are shared among them.
  const runs = Array.from({ length: REQUESTS_PER_SCANNER }, () =>
    scanners.map((scanner) =>
      run(scanner).catch((error: unknown) => {
        failure = error;
        isStopped = true;
        wake();
      }),
    ),
  );
  return {
    ended: Promise.all(runs.flat()),
    /** Fulfilled by the next chunk, or a failure. */
    nextChunk: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
    throwFailure: () => {
      if (failure !== null) throw failure;
    },
    stop: () => {
      isStopped = true;
    },
  };
}
