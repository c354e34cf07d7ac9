// The part of a ledger's contract for circuit breakers: what is remembered of the threads of a session.
import type { AgentId, SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';

export interface WatchOperations {
  /** What is remembered of a thread, as JSON; `null`: nothing. */
  readonly readActivity: (id: SessionId, agentId: AgentId | null) => string | null;
  readonly writeActivity: (id: SessionId, agentId: AgentId | null, activity: string) => void;
  /** Forgets what is remembered of a session: all of it, or (`subagents`) of its subagents. */
  readonly forgetActivities: (id: SessionId, which?: 'all' | 'subagents') => void;
  /** What a thread has spent: a subagent alone, the main loop with its subagents. */
  readonly readThreadCost: (id: SessionId, agentId: AgentId | null) => NanoUsd;
}
