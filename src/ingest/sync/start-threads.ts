// Starts the threads that run `scan-worker.ts`. Rule: they hold no ledger and keep no process alive until somebody takes
// them; a thread needs as long to start as the command line to load, so its loader may start them before that.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Where the loader leaves them for the command line, which is another bundle. */
const STARTED = Symbol.for('tollgate.scan-threads');
const here = globalThis as { [STARTED]?: readonly Worker[] | undefined };

const MAX_THREADS = 3;

/**
 * Starts one thread fewer than there are processors, since recording has one to itself; fewer or none where the system has
 * no room for them, or this is no build. `file` is the built worker.
 */
export function startScanThreads(file: string): readonly Worker[] {
  const count = existsSync(file) ? Math.min(availableParallelism() - 1, MAX_THREADS) : 0;
  const threads: Worker[] = [];
  for (let left = count; left > 0; left -= 1) {
    const thread = startThread(file);
    if (thread !== null) threads.push(thread);
  }
  here[STARTED] = threads;
  return threads;
}

function startThread(file: string): Worker | null {
  try {
    const thread = new Worker(file, { env: {}, stdout: false });
    thread.unref();
    // One that ends before somebody takes it is missed by nobody.
    thread.on('error', () => {});
    return thread;
  } catch {
    return null;
  }
}

/** The threads of this process that are running, which it waits for from here on; there may be none. */
export function takeScanThreads(file: string): readonly Worker[] {
  const threads = (here[STARTED] ?? startScanThreads(file)).filter(({ threadId }) => threadId > 0);
  here[STARTED] = undefined;
  for (const thread of threads) thread.ref();
  return threads;
}
