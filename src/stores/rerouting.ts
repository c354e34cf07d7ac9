// The part of a ledger's contract for routing: which subagents were given another model than was asked for, and what that saved.
import type { AgentId, SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Usage } from '../domain/usage.ts';

/** A subagent that was given another model. */
export interface Rerouting {
  /** The tool call that started it. */
  readonly toolUseId: string;
  readonly sessionId: SessionId;
  readonly reroutedAt: EpochMs;
  readonly agentType: string;
  /** The rule that did it, by its name. */
  readonly rule: string;
  /** The model it would have had, and the one it was given, as the agent names them. */
  readonly askedModel: string;
  readonly givenModel: string;
  /** What it came to; `null` while it is not over. */
  readonly outcome: ReroutingOutcome | null;
}

export interface ReroutingOutcome {
  readonly agentId: AgentId;
  readonly requestCount: number;
  readonly spentNanoUsd: NanoUsd;
  /** What the same tokens cost at the model that was asked for. */
  readonly askedNanoUsd: NanoUsd;
  readonly settledAt: EpochMs;
}

/** What a subagent has used. */
export interface ThreadUsage {
  readonly requestCount: number;
  readonly costNanoUsd: NanoUsd;
  readonly usage: Usage;
}

/** What the main loop has used on one model. */
export interface MainUsage extends ThreadUsage {
  /** Turns in which it did. */
  readonly turnCount: number;
}

export interface ReroutingOperations {
  readonly readMainUsage: (id: SessionId, model: string) => MainUsage;
  readonly readThreadUsage: (id: SessionId, agentId: AgentId) => ThreadUsage;
  /** Notes one; a second note of the same call changes nothing. */
  readonly addRerouting: (rerouting: Omit<Rerouting, 'outcome'>) => void;
  /** Writes what one has come to, in the place of what was written before. */
  readonly settleRerouting: (toolUseId: string, outcome: ReroutingOutcome) => void;
  /** Oldest first. `sessionId` absent: of all sessions. */
  readonly readReroutings: (filter: {
    readonly sinceAt?: EpochMs;
    readonly sessionId?: SessionId;
  }) => readonly Rerouting[];
}
