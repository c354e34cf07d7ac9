// Scanning on other threads: questions go out as where to read on, answers come back as packed facts.
// Rule: a thread holds no ledger and decides nothing; when one ends early, the sync ends with its error.
import type { MessagePort, Worker } from 'node:worker_threads';
import type { Scanner } from './sync.ts';
import {
  type PackedStretch,
  packStretch,
  type ScanningAgent,
  type Stretch,
  type StretchStart,
  unpackStretch,
} from './sync-scan.ts';

interface Question {
  readonly id: number;
  readonly starts: readonly StretchStart[];
}

interface PackedAnswer {
  readonly id: number;
  readonly stretches: readonly (PackedStretch | null)[];
}

/** Scanners on threads of their own, and how to end them. */
export interface ScannerThreads {
  readonly scanners: readonly Scanner[];
  readonly close: () => Promise<void>;
}

/** Scanners on threads whose code calls `answerQuestions`. */
export function scannersOn(workers: readonly Worker[]): ScannerThreads {
  return {
    scanners: workers.map(scannerOf),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function scannerOf(worker: Worker): Scanner {
  const open = new Map<
    number,
    { resolve: (stretches: (Stretch | null)[]) => void; reject: (error: unknown) => void }
  >();
  let asked = 0;
  let failure: unknown = null;
  worker.on('message', ({ id, stretches }: PackedAnswer) => {
    open.get(id)?.resolve(stretches.map((stretch) => stretch && unpackStretch(stretch)));
    open.delete(id);
  });
  const fail = (error: unknown) => {
    failure = error;
    for (const { reject } of open.values()) reject(error);
    open.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a scanning thread ended')));
  return {
    scan: (starts) =>
      new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        asked += 1;
        open.set(asked, { resolve, reject });
        worker.postMessage({ id: asked, starts } satisfies Question);
      }),
  };
}

/** The other end: answers every question on a port, in order. */
export function answerQuestions(port: MessagePort, agent: ScanningAgent): void {
  port.on('message', ({ id, starts }: Question) => {
    const stretches = starts.map((start) => packStretch(agent, start));
    const buffers = stretches.flatMap((stretch) => stretch?.parcel.numbers.buffer ?? []);
    port.postMessage({ id, stretches } satisfies PackedAnswer, buffers as ArrayBuffer[]);
  });
}
