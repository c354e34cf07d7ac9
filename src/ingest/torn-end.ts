// The end of a file behind its last complete line. Rule: it is a line being written, until nobody has written for a while.
import { readSync } from 'node:fs';
import type { Agent, ScanCarry } from '../agents/agent.ts';
import { type EpochMs, MINUTE_MS } from '../domain/time.ts';

/** Whoever writes a line is done with it long before. */
const STALE_MS = MINUTE_MS;
/** As much of the end as is looked at. */
const MAX_BYTES = 1024 * 1024;

/** What to remember of a file that was read to `offset`, with a word about what lies behind it. */
export function withTornEnd(
  carry: ScanCarry,
  fd: number,
  offset: number,
  { size, mtimeMs }: { readonly size: number; readonly mtimeMs: number },
  agent: Pick<Agent, 'mayHaveSpent'>,
  now: EpochMs,
): ScanCarry {
  const isStale = offset < size && now - mtimeMs >= STALE_MS;
  const hasTornEnd = isStale && agent.mayHaveSpent(readEnd(fd, offset, size));
  return hasTornEnd === carry.hasTornEnd ? carry : { ...carry, hasTornEnd };
}

/** Lines of a file that may have used tokens and could not be read. */
export const unusableCountOf = ({ unusableCount, hasTornEnd }: ScanCarry): number =>
  unusableCount + (hasTornEnd ? 1 : 0);

function readEnd(fd: number, offset: number, size: number): Buffer {
  const bytes = Buffer.alloc(Math.min(size - offset, MAX_BYTES));
  return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
}

/** Files with lines that could not be used, by where each was read to. */
export function unusableFiles(
  checkpoints: ReadonlyMap<string, { readonly carry: ScanCarry }>,
): readonly { readonly path: string; readonly lineCount: number }[] {
  return [...checkpoints].flatMap(([path, { carry }]) => {
    const lineCount = unusableCountOf(carry);
    return lineCount === 0 ? [] : [{ path, lineCount }];
  });
}
