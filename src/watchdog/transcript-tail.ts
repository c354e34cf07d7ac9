// Follows a session's transcripts as they grow. Rule: what was there before is not looked at, and a file that was replaced is read anew
// without what is older than what was read.
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import type { ToolStep } from '../agents/agent.ts';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';
import { agent, readToolSteps } from '../wire.ts';

/** Most bytes read at once; a longer line shows nothing. */
const CHUNK_BYTES = 8 * 1024 * 1024;
/** A line's time is from a moment before it is written. */
const EARLIER_MS = 10 * SECOND_MS;

interface Tail {
  inode: number;
  offset: number;
  /** Steps at this time or before were seen. */
  seenAt: EpochMs;
}

/** What is new in one file. */
export interface NewSteps {
  /** The file; names the thread. */
  readonly path: string;
  readonly steps: readonly ToolStep[];
}

/** Follows the transcripts of one session from now on; call it again for what is new. */
export function followTranscript(mainPath: string, now: EpochMs): () => readonly NewSteps[] {
  const tails = new Map<string, Tail>();
  let isFirst = true;
  const readFile = (path: string): readonly ToolStep[] => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return [];
    const offset = isFirst ? stat.size : 0;
    const tail = tails.get(path) ?? { inode: stat.ino, offset, seenAt: now - EARLIER_MS };
    tails.set(path, tail);
    if (tail.inode !== stat.ino || tail.offset > stat.size) {
      Object.assign(tail, { inode: stat.ino, offset: 0 });
    }
    return tail.offset === stat.size ? [] : readOn(path, tail, stat.size);
  };
  return () => {
    const found = agent.transcriptFiles(mainPath).flatMap(({ path }) => {
      try {
        const steps = readFile(path);
        return steps.length === 0 ? [] : [{ path, steps }];
      } catch {
        return []; // not readable now; hooks tell
      }
    });
    isFirst = false;
    return found;
  };
}

function readOn(path: string, tail: Tail, size: number): readonly ToolStep[] {
  const found: ToolStep[] = [];
  const { seenAt } = tail;
  const handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    while (tail.offset < size) {
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - tail.offset));
      const length = readSync(handle, bytes, 0, bytes.length, tail.offset);
      const { consumedBytes, steps } = readToolSteps(bytes.subarray(0, length));
      for (const step of steps) {
        if (step.at < seenAt) continue;
        found.push(step);
        if (step.at > tail.seenAt) tail.seenAt = step.at;
      }
      tail.offset += consumedBytes > 0 || length < CHUNK_BYTES ? consumedBytes : length;
      if (consumedBytes === 0) break;
    }
  } finally {
    closeSync(handle);
  }
  return found;
}
