// V8's code cache for a file of ours: compiling it would take longer than what it does. Rule: a cache is only ever
// a shortcut; without one, or with one that does not fit, the same code is compiled.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { readStateFile, writeStateFile } from '../config/state-file.ts';

/** Bytes before the cache proper: its length, and the sum of a sample of it. */
const HEADER_BYTES = 8;
/** One word of each 4,096 bytes is summed: a page that a crash has left empty is found out. */
const SAMPLE_STRIDE = 1_024;

/** A CommonJS file of ours, built as a function of what Node gives such a file; ready to run. */
export interface Compiled {
  readonly run: (load: (id: string) => unknown) => { exports: unknown };
  /** There was no cache of its own that could be read. */
  readonly isCold: boolean;
  /** Makes the cache of everything that was compiled since. */
  readonly remember: () => void;
}

/** One file for each build and each Node; V8 itself refuses a cache made under other flags. */
export function cacheFileOf(stateHome: string, fingerprint: string): string {
  const name = `${fingerprint}-node-${process.versions.node}-${process.arch}.bin`;
  return `${stateHome}/code-cache/${name}`;
}

/**
 * `own` are caches of what this process runs, the first of them where `remember` writes; `others` were made of the same
 * file by processes that ran other parts of it: better than none.
 */
export function compileFile(
  file: string,
  own: readonly [string, ...string[]],
  others: readonly string[] = [],
): Compiled {
  const code = readFileSync(file, 'utf8');
  const ours = firstOf(own);
  const cachedData = ours ?? firstOf(others);
  const script = new Script(code, cachedData ? { filename: file, cachedData } : { filename: file });
  return {
    isCold: ours === null,
    run: (load) => {
      const module = { exports: {} };
      script.runInThisContext()(module.exports, load, module, file, dirname(file));
      return module;
    },
    remember: () => writeStateFile(own[0], () => withHeader(script.createCachedData())),
  };
}

function firstOf(files: readonly string[]): Uint8Array | null {
  for (const file of files) {
    const cache = readCache(file);
    if (cache !== null) return cache;
  }
  return null;
}

function readCache(file: string): Uint8Array | null {
  try {
    const { buffer, byteOffset, length } = readStateFile(file);
    const [dataLength, sum] = new Uint32Array(buffer, byteOffset, HEADER_BYTES / 4);
    const data = new Uint8Array(buffer, byteOffset + HEADER_BYTES, length - HEADER_BYTES);
    return dataLength === data.length && sum === sampleSum(data) ? data : null;
  } catch {
    return null; // not made yet
  }
}

/** The file's bytes: length and sample, then what V8 made. */
function withHeader(data: Buffer): Buffer {
  const header = Buffer.from(new Uint32Array([data.length, sampleSum(data)]).buffer);
  return Buffer.concat([header, data]);
}

function sampleSum(data: Uint8Array): number {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length >>> 2);
  let sum = data.length;
  for (let at = 0; at < words.length; at += SAMPLE_STRIDE) {
    sum = (Math.imul(sum, 31) + (words[at] ?? 0)) >>> 0;
  }
  return sum;
}
