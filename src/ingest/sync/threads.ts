// Scanning on other threads: questions go out as where to read on, answers come back as packed facts.
// Rule: a thread holds no ledger and decides nothing; it reads on by itself, but never further ahead than agreed; when
// one ends early, the sync ends with its error.
import type { MessagePort, Worker } from 'node:worker_threads';
import {
  type ChunkStart,
  type PackedChunk,
  packChunk,
  type ScanningAgent,
  startAfter,
  unpackChunk,
} from './scan.ts';
import type { EmitChunk, Scanner } from './sync.ts';

interface GateRequest {
  readonly id: number;
  readonly starts: readonly ChunkStart[];
  /** Facts that are told and not yet recorded; both sides count in it. */
  readonly inFlight: Int32Array;
  /** From so many of them on the thread waits. */
  readonly mostAheadCount: number;
}

interface Answer {
  readonly id: number;
  readonly told: readonly { readonly place: number; readonly chunk: PackedChunk | null }[];
  /** Whether this is the last answer to its question. */
  readonly isLast: boolean;
}

/** Facts that a thread may be ahead of recording: some eight megabytes of them. */
const MOST_AHEAD_COUNT = 16_000;
/** Stretches are told together up to this much, since a message takes as long as many small files. */
const ANSWER_BYTES = 1024 * 1024;

/** Scanners on threads of their own, and how to end them. */
export interface ScannerThreads {
  readonly scanners: readonly Scanner[];
  readonly close: () => Promise<void>;
}

/** Scanners on threads whose code calls `answerQuestions`. */
export function scannersOn(
  workers: readonly Worker[],
  mostAheadCount = MOST_AHEAD_COUNT,
): ScannerThreads {
  return {
    scanners: workers.map((worker) => scannerOf(worker, mostAheadCount)),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

interface OpenQuestion {
  readonly emit: EmitChunk;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function scannerOf(worker: Worker, mostAheadCount: number): Scanner {
  const open = new Map<number, OpenQuestion>();
  const inFlight = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let asked = 0;
  let failure: unknown = null;
  worker.on('message', ({ id, told, isLast }: Answer) => {
    const question = open.get(id);
    for (const { place, chunk } of told) {
      const release = () => {
        Atomics.sub(inFlight, 0, chunk?.factCount ?? 0);
        Atomics.notify(inFlight, 0);
      };
      question?.emit(place, chunk && unpackChunk(chunk, release));
    }
    if (!isLast) return;
    open.delete(id);
    question?.resolve();
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
        asked += 1;
        open.set(asked, { emit, resolve, reject });
        worker.postMessage({ id: asked, starts, inFlight, mostAheadCount } satisfies GateRequest);
      }),
  };
}

/** The other end: answers every question on a port, in order, each file to its end before the next. */
export function answerQuestions(port: MessagePort, agent: ScanningAgent): void {
  port.on('message', ({ id, starts, inFlight, mostAheadCount }: GateRequest) => {
    let told: Answer['told'][number][] = [];
    let toldBytes = 0;
    const answer = (isLast: boolean) => {
      const buffers = told.flatMap(({ chunk }) => chunk?.parcel.numbers.buffer ?? []);
      port.postMessage({ id, told, isLast } satisfies Answer, buffers as ArrayBuffer[]);
      told = [];
      toldBytes = 0;
    };
    for (const [place, first] of starts.entries()) {
      for (let start: ChunkStart | null = first; start !== null; ) {
        const chunk = packChunk(agent, start);
        told.push({ place, chunk });
        if (chunk === null) break;
        toldBytes += chunk.offset - chunk.startOffset;
        start = chunk.hasMore ? startAfter(start.path, chunk) : null;
        const aheadCount = Atomics.add(inFlight, 0, chunk.factCount) + chunk.factCount;
        const isLast = start === null && place === starts.length - 1;
        const isEnough = toldBytes >= ANSWER_BYTES || aheadCount >= mostAheadCount;
        if (isLast || !isEnough) continue;
        answer(false);
        waitForRecording(inFlight, mostAheadCount);
      }
    }
    answer(true);
    waitForRecording(inFlight, mostAheadCount);
  });
}

/**
 * No two threads wait for each other: files are recorded in the order in which they are asked for, and so whoever reads the
 * file that recording waits for has nothing ahead but earlier stretches of it, which are recorded at once.
 */
function waitForRecording(inFlight: Int32Array, mostAheadCount: number): void {
  for (;;) {
    const count = Atomics.load(inFlight, 0);
    if (count < mostAheadCount) return;
    Atomics.wait(inFlight, 0, count);
  }
}
