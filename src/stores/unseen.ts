// The part of a ledger's contract for responses that no transcript shows yet.
import type { AgentId, SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';

export interface UnseenOperations {
  /** Keeps what a thread holds for a response whose tools have run and which is not in the ledger, named after one of them. */
  readonly holdUnseen: (
    id: SessionId,
    agentId: AgentId | null,
    toolUseId: string,
    expiresAt: EpochMs,
  ) => void;
  /** The tools that a session's unseen responses are named after. */
  readonly readUnseen: (id: SessionId, now: EpochMs) => readonly string[];
  /** Lets go of what is held for unseen responses that have turned up. */
  readonly releaseSeen: (id: SessionId, toolUseIds: readonly string[]) => void;
}
