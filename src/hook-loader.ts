// What a built hook file begins with: it loads the gate's code, from V8's code cache where there is one, since
// compiling it would take longer than deciding. Rule: a cache is only ever a shortcut; without one, or with one
// that does not fit, the same code is compiled. The build puts this in the place of `hook.ts`.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { stateHome } from './config/places.ts';

/** Names the gate's code; put in by the build. */
declare const GATE_FINGERPRINT: string;

type Gate = typeof import('./hook.ts');

/** Bytes before the cache proper: its length, and the sum of a sample of it. */
const HEADER_BYTES = 8;
/** One word of each 4,096 bytes is summed: a page that a crash has left empty is found out. */
const SAMPLE_STRIDE = 1_024;
/** Events in which the gate's code has mostly been run, and so compiled, when they end. */
const WRITES_CACHE: ReadonlySet<string> = new Set(['PreToolUse', 'PostToolBatch', 'PostToolUse']);

/** Node's own modules as the gate asks for them, thirty times over: a look-up instead of a search. */
const BUILTIN: Readonly<Record<string, unknown>> = Object.fromEntries(
  ['fs', 'path'].flatMap((name) => {
    const module: unknown = process.getBuiltinModule(`node:${name}`);
    return [
      [name, module],
      [`node:${name}`, module],
    ];
  }),
);
const load = (id: string): unknown => BUILTIN[id] ?? require(id);

/** Runs one hook, from stdin to exit. */
export function runHook(eventName: string): void {
  try {
    const file = `${__dirname}/gate.cjs`;
    const code = readFileSync(file, 'latin1');
    const cacheFile = cacheFileOf(process.env);
    const cachedData = readCache(cacheFile);
    const script = new Script(
      `(function(exports,require,module,__filename,__dirname){${code}\n})`,
      {
        filename: file,
        ...(cachedData ? { cachedData } : {}),
      },
    );
    const module = { exports: {} as Gate };
    script.runInThisContext()(module.exports, load, module, file, __dirname);
    const isMissing = cachedData === null && WRITES_CACHE.has(eventName);
    module.exports.runHook(eventName, () => {
      if (isMissing) writeCache(cacheFile, () => script.createCachedData());
    });
  } catch (error) {
    // A hook that ends otherwise would let the call through.
    const reason = `Tollgate cannot start: ${error instanceof Error ? error.message : String(error)}. Install it again, or take its hooks out with tollgate uninstall.`;
    writeSync(1, JSON.stringify({ continue: false, stopReason: reason }));
    writeSync(2, `${reason}\n`);
    process.exit(2);
  }
}

/** One file for each build and each Node; V8 itself refuses a cache made under other flags. */
function cacheFileOf(env: NodeJS.ProcessEnv): string {
  const name = `${GATE_FINGERPRINT}-node-${process.versions.node}-${process.arch}.bin`;
  return `${stateHome(env)}/code-cache/${name}`;
}

function readCache(file: string): Buffer | null {
  try {
    const bytes = readFileSync(file);
    const data = bytes.subarray(HEADER_BYTES);
    if (bytes.readUInt32LE(0) !== data.length || bytes.readUInt32LE(4) !== sampleSum(data))
      return null;
    return data;
  } catch {
    return null; // not made yet
  }
}

/** Written beside and renamed; a folder that cannot be written to costs a hook nothing but an attempt. */
function writeCache(file: string, make: () => Buffer): void {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      const data = make();
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32LE(data.length, 0);
      header.writeUInt32LE(sampleSum(data), 4);
      writeSync(handle, Buffer.concat([header, data]));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made: another hook is at it, or the folder is not ours to write.
    }
  }
}

function sampleSum(data: Buffer): number {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length >>> 2);
  let sum = data.length;
  for (let at = 0; at < words.length; at += SAMPLE_STRIDE) {
    sum = (Math.imul(sum, 31) + (words[at] ?? 0)) >>> 0;
  }
  return sum;
}
