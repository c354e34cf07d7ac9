// Reads one chunk of a transcript into facts, without a ledger: what `sync` does on any thread.
// Rule: it decides nothing; whether the chunk still begins where the ledger stands is asked when it is recorded.
import { closeSync, fstatSync, readSync } from 'node:fs';
import { type Agent, NO_CARRY, type ScanCarry, type TranscriptFact } from '../../agents/agent.ts';
import type { AgentId, SessionId } from '../../domain/ids.ts';
import { fingerprintBefore, goesOn, openFile, statFile, unreadable } from '../file-position.ts';
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
  /** What stands before `offset`, and when the file had been changed; see `Checkpoint`. */
  readonly before: string | null;
  readonly writtenAt: number | null;
  readonly carry: ScanCarry;
}

/** What was read, beside its facts, and where to go on. */
export interface ScannedChunk {
  readonly inode: number;
  /** First byte that was read; 0 again when the file is another than the one asked for. */
  readonly startOffset: number;
  readonly offset: number;
  readonly before: string | null;
  readonly writtenAt: number | null;
  readonly carry: ScanCarry;
  /** Why reading ended early: the system's code; `null`: it did not. */
  readonly failure: string | null;
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

/** Reads the next chunk on this thread; `null` when the file is gone. */
export function readChunk(agent: ScanningAgent, start: ChunkStart): Chunk | null {
  const chunk = encodeChunk(agent, start);
  return chunk && decodeChunk(chunk, () => {});
}

/** Where to read on after a chunk of a file. */
export const startAfter = (
  { path, sessionId, agentId }: ChunkStart,
  { inode, offset, before, writtenAt, carry }: ScannedChunk,
): ChunkStart => ({ path, sessionId, agentId, inode, offset, before, writtenAt, carry });

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
  const unread = (failure: string): ScannedChunk => {
    const { inode, offset, before, writtenAt, carry } = start;
    const kept = { inode, startOffset: offset, offset, before, writtenAt, carry };
    return { ...kept, failure, hasMore: false, factCount: 0 };
  };
  let fd: number;
  try {
    if (statFile(start.path) === null) return null;
    fd = openFile(start.path);
  } catch (error) {
    return unread(unreadable(start.path, error).code);
  }
  try {
    return scanFrom(fd, agent, start, emit);
  } catch (error) {
    return unread(unreadable(start.path, error).code);
  } finally {
    closeSync(fd);
  }
}

function scanFrom(
  fd: number,
  agent: ScanningAgent,
  start: ChunkStart,
  emit: (fact: TranscriptFact) => void,
): ScannedChunk {
  const stat = fstatSync(fd);
  const { ino, size, mtimeMs, ctimeMs } = stat;
  const { sessionId, agentId } = start;
  const isSame = goesOn(start, start.path, stat, fd);
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
  let failure: string | null = null;
  for (let length = READ_BYTES; offset < enough; ) {
    const bytes = tryRead(fd, offset, Math.min(length, size - offset), start.path);
    if (typeof bytes === 'string') {
      // What was read before is kept.
      [failure, hasMore] = [bytes, false];
      break;
    }
    const source = { sessionId, agentId, offset, writtenAt: mtimeMs };
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
  if (!hasMore && failure === null) carry = withTornEnd(carry, fd, offset, stat, agent, Date.now());
  const before = fingerprintBefore(fd, offset);
  const read = { inode: ino, startOffset, offset, before, writtenAt: ctimeMs, carry };
  return { ...read, failure, hasMore, factCount };
}

/** The bytes, or the system's code for why they cannot be read. */
function tryRead(fd: number, offset: number, length: number, path: string): Buffer | string {
  try {
    return readBytes(fd, offset, length);
  } catch (error) {
    return unreadable(path, error).code;
  }
}

let buffer = Buffer.allocUnsafeSlow(0);

/** Facts hold copies of what they need, so one buffer serves all chunks of a thread. */
function readBytes(fd: number, offset: number, length: number): Buffer {
  if (buffer.length < length) buffer = Buffer.allocUnsafeSlow(length);
  const read = length > 0 ? readSync(fd, buffer, 0, length, offset) : 0;
  return buffer.subarray(0, read);
}
