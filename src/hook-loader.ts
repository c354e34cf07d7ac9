// What a built hook file begins with: it loads the gate's code, from V8's code cache where there is one. The build
// puts this in the place of `hook.ts`.
import { writeSync } from 'node:fs';
import { cacheFileOf, compileFile } from './code-cache.ts';
import { stateHome } from './config/places.ts';

/** Names the gate's code; put in by the build. */
declare const GATE_FINGERPRINT: string;

type Gate = typeof import('./hook.ts');

/** Events in which the gate's code has mostly been run, and so compiled, when they end. */
const WRITES_CACHE: ReadonlySet<string> = new Set(['PreToolUse', 'PostToolBatch', 'PostToolUse']);

/** Runs one hook, from stdin to exit. */
export function runHook(eventName: string): void {
  try {
    const cacheFile = cacheFileOf(stateHome(process.env), GATE_FINGERPRINT);
    const gate = compileFile(`${__dirname}/gate.cjs`, [cacheFile]);
    const { runHook: run } = gate.run(require).exports as Gate;
    const isMissing = gate.isCold && WRITES_CACHE.has(eventName);
    run(eventName, () => {
      if (isMissing) gate.remember();
    });
  } catch (error) {
    // A hook that ends otherwise would let the call through.
    const reason = `Tollgate cannot start: ${error instanceof Error ? error.message : String(error)}. Install it again, or take its hooks out with tollgate uninstall.`;
    writeSync(1, JSON.stringify({ continue: false, stopReason: reason }));
    writeSync(2, `${reason}\n`);
    process.exit(2);
  }
}
