// Reads one chunk of a transcript into facts, without a ledger: what `sync` does on any thread.
// Rule: it decides nothing; whether the chunk still begins where the ledger stands is asked when it is recorded.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Agent, NO_CARRY, type ScanCarry, type TranscriptFact } from '../../agents/agent.ts';
import type { AgentId, SessionId } from '../../domain/ids.ts';
import { mergeResponseLines } from '../merge-response-lines.ts';
import { withTornEnd } from '../torn-end.ts';
import { decodeFacts, type EncodedFacts, factEncoder } from './fact-codec.ts';

/** What a thread that only scans needs of an agent. */
export type ScanningAgent = Pick<Agent, 'scan' | 'mayHaveSpent'>;

/** Where to read on. */
export interface ChunkStart {
  readonly path: string;
  /** The session and the subagent whose file it is. */
  readonly sessionId: SessionId;
  readonly agentId: AgentId | null;
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

/** A chunk with its facts, emitted in order. */
export interface Chunk extends ScannedChunk {
  readonly forEachFact: (take: (fact: TranscriptFact) => void) => void;
  /** To be called when it is recorded: whoever scanned it may go on. */
  readonly release: () => void;
}

/** A chunk on its way from the thread that read it. */
export type EncodedChunk = ScannedChunk & { readonly facts: EncodedFacts };

/** Bytes of one chunk: large enough that few files need two, small enough for two threads' memory. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Bytes that are read at once: few enough that they are still in the processor's cache when they are scanned. */
const READ_BYTES = 512 * 1024;

/** Reads the next chunk on this thread; `null` when the file is gone or cannot be read. */
export function readChunk(agent: ScanningAgent, start: ChunkStart): Chunk | null {
  const chunk = encodeChunk(agent, start);
  return chunk && decodeChunk(chunk, () => {});
}

/** Where to read on after a chunk of a file. */
export const startAfter = (
  { path, sessionId, agentId }: ChunkStart,
  { inode, offset, carry }: ScannedChunk,
): ChunkStart => ({ path, sessionId, agentId, inode, offset, carry });

/** The next chunk, encoded; on the recording thread, too, where facts that wait would be moved by every collection. */
export function encodeChunk(agent: ScanningAgent, start: ChunkStart): EncodedChunk | null {
  const { add, encoded } = factEncoder();
  const chunk = scanChunk(agent, start, add);
  return chunk && { ...chunk, facts: encoded() };
}

export function decodeChunk({ facts, ...chunk }: EncodedChunk, release: () => void): Chunk {
  return { ...chunk, forEachFact: (take) => decodeFacts(facts, take), release };
}

/** Emits each fact as it is found, those of one response merged. */
function scanChunk(
  agent: ScanningAgent,
  start: ChunkStart,
  emit: (fact: TranscriptFact) => void,
): ScannedChunk | null {
  let fd: number;
  try {
    fd = openSync(start.path, 'r');
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(fd);
    const { ino, size } = stat;
    const { sessionId, agentId } = start;
    const isSame = ino === start.inode && start.offset <= size;
    const startOffset = isSame ? start.offset : 0;
    let carry = isSame ? start.carry : NO_CARRY;
    let factCount = 0;
    const merger = mergeResponseLines((fact) => {
      factCount += 1;
      emit(fact);
    });
    const enough = Math.min(size, startOffset + CHUNK_BYTES);
    let offset = startOffset;
    let hasMore = offset < size;
    for (let length = READ_BYTES; offset < enough; ) {
      const bytes = readBytes(fd, offset, Math.min(length, size - offset));
      const source = { sessionId, agentId, offset, writtenAt: stat.mtimeMs };
      const scanned = agent.scan(bytes, carry, merger.take, source);
      carry = scanned.carry;
      hasMore = offset + bytes.length < size;
      offset += scanned.consumedBytes;
      if (scanned.consumedBytes > 0) {
        length = READ_BYTES;
      } else {
        // A line longer than what was read: take more at once.
        if (!hasMore || bytes.length < length) break;
        length *= 2;
      }
    }
    merger.end();
    if (!hasMore) carry = withTornEnd(carry, fd, offset, stat, agent, Date.now());
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
