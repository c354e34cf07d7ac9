// The part of a ledger's contract for sessions that were started inside of another.
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';

export interface NestingOperations {
  /** Notes that a session was started inside of another one. */
  readonly nestSession: (id: SessionId, outerId: SessionId, at: EpochMs) => void;
  /** The session that one was started inside of; `null`: none. */
  readonly readOuter: (id: SessionId) => SessionId | null;
  /** The sessions that were started inside of one, without those inside of them. */
  readonly readNested: (id: SessionId) => readonly SessionId[];
}
