// Starts the threads that run `scan-worker.ts`. Rule: they hold no ledger and keep no process alive until somebody takes
// them; a thread needs as long to start as the command line to load, so its loader may start them before that.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Where the loader leaves them for the command line, which is another bundle. */
const STARTED = Symbol.for('tollgate.scan-threads');
const here = globalThis as { [STARTED]?: readonly Worker[] | undefined };

const MOST_THREADS = 3;

/** Starts one thread fewer than there are processors, since recording has one to itself; `file` is the built worker. */
export function startScanThreads(file: string): readonly Worker[] {
  const count = Math.min(availableParallelism() - 1, MOST_THREADS);
  if (count < 1 || !existsSync(file)) return [];
  const threads = Array.from({ length: count }, () => new Worker(file, { env: {}, stdout: false }));
  for (const thread of threads) thread.unref();
  here[STARTED] = threads;
  return threads;
}

/** The threads of this process, which it waits for from here on; none where there is no second processor. */
export function takeScanThreads(file: string): readonly Worker[] {
  const threads = here[STARTED] ?? startScanThreads(file);
  here[STARTED] = undefined;
  for (const thread of threads) thread.ref();
  return threads;
}
