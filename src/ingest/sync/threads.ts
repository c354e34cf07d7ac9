// Scanning on other threads: requests say where to read on, answers bring encoded facts. Rule: a thread holds no ledger
// and decides nothing; it reads on by itself, but never further ahead than agreed; when one ends early, the sync ends
// with its error.
import type { MessagePort, Worker } from 'node:worker_threads';
import {
  type ChunkStart,
  decodeChunk,
  type EncodedChunk,
  encodeChunk,
  type ScanningAgent,
  startAfter,
} from './scan.ts';
import type { EmitChunk, Scanner } from './sync.ts';

interface ScanRequest {
  readonly id: number;
  readonly starts: readonly ChunkStart[];
  /** Facts that are scanned and not yet recorded; both sides count in it. */
  readonly inFlight: Int32Array;
  /** From so many of them on the thread waits. */
  readonly maxInFlight: number;
}

interface ScanAnswer {
  readonly id: number;
  readonly chunks: readonly { readonly startIndex: number; readonly chunk: EncodedChunk | null }[];
  /** Whether this is the last answer to its request. */
  readonly isLast: boolean;
}

/** Facts that a thread may be ahead of recording: some eight megabytes of them. */
const MAX_IN_FLIGHT = 16_000;
/** Chunks are sent together up to this much, since a message takes as long as many small files. */
const ANSWER_BYTES = 1024 * 1024;

/** Scanners on threads of their own, and how to end them. */
export interface ScannerThreads {
  readonly scanners: readonly Scanner[];
  readonly close: () => Promise<void>;
}

/** Scanners on threads whose code calls `answerScanRequests`. */
export function scannersOn(
  workers: readonly Worker[],
  maxInFlight = MAX_IN_FLIGHT,
): ScannerThreads {
  return {
    scanners: workers.map((worker) => scannerOf(worker, maxInFlight)),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

interface OpenRequest {
  readonly emit: EmitChunk;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function scannerOf(worker: Worker, maxInFlight: number): Scanner {
  const open = new Map<number, OpenRequest>();
  const inFlight = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let lastId = 0;
  let failure: unknown = null;
  worker.on('message', ({ id, chunks, isLast }: ScanAnswer) => {
    const request = open.get(id);
    for (const { startIndex, chunk } of chunks) {
      const release = () => {
        Atomics.sub(inFlight, 0, chunk?.factCount ?? 0);
        Atomics.notify(inFlight, 0);
      };
      request?.emit(startIndex, chunk && decodeChunk(chunk, release));
    }
    if (!isLast) return;
    open.delete(id);
    request?.resolve();
  });
  const fail = (error: unknown) => {
    failure = error;
    for (const { reject } of open.values()) reject(error);
    open.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a scanning thread ended')));
  return {
    scan: (starts, emit) =>
      new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        lastId += 1;
        open.set(lastId, { emit, resolve, reject });
        worker.postMessage({ id: lastId, starts, inFlight, maxInFlight } satisfies ScanRequest);
      }),
  };
}

/** The other end: answers every request on a port, in order, each file to its end before the next. */
export function answerScanRequests(port: MessagePort, agent: ScanningAgent): void {
  port.on('message', ({ id, starts, inFlight, maxInFlight }: ScanRequest) => {
    let chunks: ScanAnswer['chunks'][number][] = [];
    let byteCount = 0;
    const answer = (isLast: boolean) => {
      const buffers = chunks.flatMap(({ chunk }) => chunk?.facts.numbers.buffer ?? []);
      port.postMessage({ id, chunks, isLast } satisfies ScanAnswer, buffers as ArrayBuffer[]);
      chunks = [];
      byteCount = 0;
      waitForRecording(inFlight, maxInFlight);
    };
    for (const [startIndex, first] of starts.entries()) {
      for (let start: ChunkStart | null = first; start !== null; ) {
        const chunk = encodeChunk(agent, start);
        chunks.push({ startIndex, chunk });
        if (chunk === null) break;
        byteCount += chunk.offset - chunk.startOffset;
        start = chunk.hasMore ? startAfter(start, chunk) : null;
        const inFlightCount = Atomics.add(inFlight, 0, chunk.factCount) + chunk.factCount;
        const isLast = start === null && startIndex === starts.length - 1;
        if (!isLast && (byteCount >= ANSWER_BYTES || inFlightCount >= maxInFlight)) answer(false);
      }
    }
    answer(true);
  });
}

/**
 * No two threads wait for each other: files are recorded in the order in which they are asked for, and so whoever reads the
 * file that recording waits for has nothing in flight but earlier chunks of it, which are recorded at once.
 */
function waitForRecording(inFlight: Int32Array, maxInFlight: number): void {
  for (;;) {
    const count = Atomics.load(inFlight, 0);
    if (count < maxInFlight) return;
    Atomics.wait(inFlight, 0, count);
  }
}
