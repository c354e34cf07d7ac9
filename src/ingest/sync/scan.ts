// Reads one stretch of a transcript into facts, without a ledger: what `sync` does on any thread.
// Rule: it decides nothing; whether the stretch still begins where the ledger stands is asked when it is recorded.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Agent, NO_CARRY, type ScanCarry, type TranscriptFact } from '../../agents/agent.ts';
import { mergeResponseLines } from '../merge-response-lines.ts';
import { type PackedFacts, packer, unpackFacts } from './fact-codec.ts';

/** What of an agent a thread needs that only scans. */
export type ScanningAgent = Pick<Agent, 'scan'>;

/** Where to read on. */
export interface ChunkStart {
  readonly path: string;
  /** Inode that `offset` and `carry` belong to; 0 for a file nobody has read. */
  readonly inode: number;
  readonly offset: number;
  readonly carry: ScanCarry;
}

/** What was read, beside its facts, and where to go on. */
export interface ScannedChunk {
  readonly inode: number;
  /** First byte that was read; 0 again when the file is another than the one asked for. */
  readonly startOffset: number;
  readonly offset: number;
  readonly carry: ScanCarry;
  /** Whether there may be more whole lines after `offset`. */
  readonly hasMore: boolean;
  readonly factCount: number;
}

/** A stretch with its facts, told in order. */
export interface Chunk extends ScannedChunk {
  readonly forEachFact: (take: (fact: TranscriptFact) => void) => void;
  /** To be called when it is recorded: whoever scanned it may go on. */
  readonly release: () => void;
}

/** Bytes of one stretch: large enough that few files need two, small enough for two threads' memory. */
const STRETCH_BYTES = 4 * 1024 * 1024;

/** Bytes that are read at once: few enough that they are still in the processor's cache when they are scanned. */
const PIECE_BYTES = 512 * 1024;

/** Reads the next stretch on this thread; `null` when the file is gone or cannot be read. */
export function readChunk(agent: ScanningAgent, start: ChunkStart): Chunk | null {
  const packed = packChunk(agent, start);
  return packed && unpackChunk(packed, () => {});
}

/** Where to read on after a stretch of a file. */
export const startAfter = (path: string, { inode, offset, carry }: ScannedChunk): ChunkStart => ({
  path,
  inode,
  offset,
  carry,
});

/** A stretch on its way from the thread that read it. */
export type PackedChunk = ScannedChunk & { readonly parcel: PackedFacts };

/** Packed also where it stays: thousands of facts would be kept until they are recorded, and each of them moved. */
export function packChunk(agent: ScanningAgent, start: ChunkStart): PackedChunk | null {
  const { add, parcel } = packer();
  const chunk = scanChunk(agent, start, add);
  return chunk && { ...chunk, parcel: parcel() };
}

export function unpackChunk({ parcel, ...chunk }: PackedChunk, release: () => void): Chunk {
  return { ...chunk, forEachFact: (take) => unpackFacts(parcel, take), release };
}

/** Tells each fact as it is found, those of one response as a whole. */
function scanChunk(
  agent: ScanningAgent,
  start: ChunkStart,
  take: (fact: TranscriptFact) => void,
): ScannedChunk | null {
  let fd: number;
  try {
    fd = openSync(start.path, 'r');
  } catch {
    return null;
  }
  try {
    const { ino, size } = fstatSync(fd);
    const isSame = ino === start.inode && start.offset <= size;
    const startOffset = isSame ? start.offset : 0;
    let carry = isSame ? start.carry : NO_CARRY;
    let factCount = 0;
    const whole = mergeResponseLines((fact) => {
      factCount += 1;
      take(fact);
    });
    const enough = Math.min(size, startOffset + STRETCH_BYTES);
    let offset = startOffset;
    let hasMore = offset < size;
    for (let length = PIECE_BYTES; offset < enough; ) {
      const bytes = readBytes(fd, offset, Math.min(length, size - offset));
      const scanned = agent.scan(bytes, carry, whole.take);
      carry = scanned.carry;
      hasMore = offset + bytes.length < size;
      offset += scanned.consumedBytes;
      if (scanned.consumedBytes > 0) {
        length = PIECE_BYTES;
      } else {
        // A line longer than the piece: take more at once.
        if (!hasMore || bytes.length < length) break;
        length *= 2;
      }
    }
    whole.end();
    return { inode: ino, startOffset, offset, carry, hasMore, factCount };
  } finally {
    closeSync(fd);
  }
}

let buffer = Buffer.allocUnsafeSlow(0);

/** Facts hold copies of what they need, so one buffer serves all chunks of a thread. */
function readBytes(fd: number, offset: number, length: number): Buffer {
  if (buffer.length < length) buffer = Buffer.allocUnsafeSlow(length);
  const read = length > 0 ? readSync(fd, buffer, 0, length, offset) : 0;
  return buffer.subarray(0, read);
}
