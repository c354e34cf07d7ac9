// What a built hook file holds: it takes the fast path where the session has a decision lease, and else loads the gate; either from V8's
// code cache where there is one.
import type { Moment } from '../agents/agent.ts';
import { MOMENTS } from '../agents/claude-code/event-names.ts';
import { stateHome } from '../config/paths.ts';
import { cacheFileOf, compileFile } from '../runtime/code-cache.ts';
import { hasLease } from './fast-path/lease-file.ts';
import { readStdin, writeAll } from './stdio.ts';

/** Name the gate's code and that of the fast path; put in by the build. */
declare const GATE_FINGERPRINT: string;
declare const FAST_PATH_FINGERPRINT: string;

type Gate = typeof import('./run-hook.ts');
type FastPath = typeof import('./fast-path/fast-path.ts');

/** Moments at which the gate's code has mostly been run, and so compiled, when they end. */
const WRITES_CACHE: ReadonlySet<Moment | undefined> = new Set([
  'before-tool',
  'after-tool',
  'after-tools',
]);

/** Longer events are rare, and would be parsed twice where the fast path ends early. */
const SHORT_EVENT_LENGTH = 64 * 1024;
const SESSION = '"session_id":"';

/** Runs one hook, from stdin to exit. */
export function runHook(eventName: string): void {
  try {
    const moment = MOMENTS[eventName];
    const text = readStdin();
    const home = stateHome(process.env);
    if (moment === 'before-tool' && seemsLeased(text, home) && runFastPath(text, home))
      process.exit(0);
    const cacheFile = cacheFileOf(home, GATE_FINGERPRINT);
    const gate = compileFile(`${__dirname}/gate.cjs`, [cacheFile]);
    const { runHook: run } = gate.run(require).exports as Gate;
    const isMissing = gate.isCold && WRITES_CACHE.has(moment);
    run(eventName, text, () => {
      if (isMissing) gate.remember();
    });
  } catch (error) {
    // A hook that ends otherwise would let the call through.
    const reason = `Tollgate cannot start: ${error instanceof Error ? error.message : String(error)}. Install it again, or take its hooks out with tollgate uninstall.`;
    writeAll(1, JSON.stringify({ continue: false, stopReason: reason }));
    writeAll(2, `${reason}\n`);
    process.exit(2);
  }
}

/** Whether the event was answered: nothing is left to do, and nothing to say. */
function runFastPath(text: string, home: string): boolean {
  try {
    const cacheFile = cacheFileOf(home, FAST_PATH_FINGERPRINT);
    const part = compileFile(`${__dirname}/fast-path.cjs`, [cacheFile]);
    const { tryFastPath } = part.run(require).exports as FastPath;
    if (!tryFastPath(text, process.env, Date.now())) return false;
    if (part.isCold) part.remember();
    return true;
  } catch {
    return false; // The gate meets the same failure, and has words for it.
  }
}

/** Whether the session that an event seems to belong to has a lease. */
function seemsLeased(text: string, home: string): boolean {
  if (text.length > SHORT_EVENT_LENGTH) return false;
  const at = text.indexOf(SESSION);
  const start = at + SESSION.length;
  return at !== -1 && hasLease(home, text.slice(start, text.indexOf('"', start)));
}
