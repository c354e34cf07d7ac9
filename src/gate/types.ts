// What the files of the gate share: what a decision is asked with, what is read for it, and what it brings.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import type { Config } from '../config/config.ts';
import type { Attribution } from '../domain/attribution.ts';
import type { BreakerTrip } from '../domain/breaker-trip.ts';
import type { Decision, Spawn } from '../domain/decide.ts';
import type { DecisionLease } from '../domain/decision-lease.ts';
import type { AgentId, SessionId, TurnId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { IngestDeps, Ingested } from '../ingest/types.ts';
import type { LastTotals } from './last-totals.ts';

export interface GateDeps extends IngestDeps {
  readonly config: Config;
  /** The process of the host; `null` when it does not say. */
  readonly hostPid: number | null;
  /** The session that the host was started inside of; `null`: none that is known. Looked for when a session begins. */
  readonly findOuter: () => SessionId | null;
  /** The `tollgate run` this session belongs to; `null` outside of one. */
  readonly runId: string | null;
  /** See `BudgetContext`. */
  readonly isClockSetBack?: (now: EpochMs) => boolean;
  /** Whether nobody sits at the session; absent where nobody can tell. */
  readonly isBatch?: boolean;
  /** Whether a person has just typed; absent where nobody can tell. */
  readonly isAttended?: (now: EpochMs) => boolean;
  /** Has somebody look after what was asked of the team; absent where nobody would. */
  readonly wakeTeam?: () => void;
}

/** What can be waited for: a transcript line that is being written, room that others' requests hold, or money of the team. */
export type Wait = 'line' | 'room' | 'team';

/** What may still be waited for; without, a decision must be made. */
export type AllowedWaits = Readonly<Record<Wait, boolean>>;

/** What a decision is asked with. */
export interface GateRequest {
  readonly event: AgentEvent;
  readonly now: EpochMs;
  readonly ingested: Ingested;
  readonly allowedWaits: AllowedWaits;
  /** Whether somebody stores the lease that the decision leaves behind. */
  readonly wantsLease: boolean;
}

/** What a budget's scope and period are compared with. */
export interface BudgetContext {
  readonly now: EpochMs;
  readonly sessionId: SessionId;
  /** This session and those it continues, the first one last. */
  readonly chain: readonly SessionId[];
  /** The part of the chain that one `tollgate run` made: these count together whatever a budget says. */
  readonly runChain: readonly SessionId[];
  /** The sessions that this one runs inside of, the nearest first: it draws on their ceilings, too. */
  readonly outer: readonly SessionId[];
  /** The sessions that were started inside of this one and of those it continues. */
  readonly nested: readonly SessionId[];
  readonly turnId: TurnId | null;
  readonly agentId: AgentId | null;
  readonly attribution: Attribution;
  /** The same where the session began; `null` where it still is there. */
  readonly startAttribution: Attribution | null;
  /** Whether the clock shows less than it did, by far; absent where nobody can tell. */
  readonly isClockSetBack?: () => boolean;
}

/** A tool call that starts subagents, with what they are expected to cost. */
export interface PlannedSpawn extends Spawn {
  /** The name its slice is reserved under until a subagent begins. */
  readonly reservedAs: AgentId;
  readonly agentType: string;
  /** How many subagents this call starts, as far as can be seen. */
  readonly count: number;
  /** What others of its kind have cost, all requests together; `null` when there were none. */
  readonly priceTag: PriceTag | null;
}

export interface PriceTag {
  /** How many subagents this call starts, as far as can be seen. */
  readonly count: number;
  readonly averageNanoUsd: NanoUsd;
  /** How many subagents the average is of. */
  readonly sampleCount: number;
}

/** Everything that was read for a decision, and the decision. */
export interface GateAssessment {
  readonly event: AgentEvent;
  readonly now: EpochMs;
  readonly budgetContext: BudgetContext;
  readonly budgetStatuses: readonly BudgetStatus[];
  readonly spawn: PlannedSpawn | null;
  /** Reserved for a response that is not in the ledger yet. */
  readonly underWayNanoUsd: NanoUsd;
  readonly decision: Decision;
  readonly trips: readonly BreakerTrip[];
}

/** What asking the gate brings. */
export interface GateResult {
  readonly answer: Answer;
  /** The session was halted just now, by this budget. */
  readonly haltedBy: string | null;
  /** For the tool calls that follow; `null`: they need decisions of their own. */
  readonly lease: DecisionLease | null;
  /** What the budgets came to. */
  readonly totals: LastTotals;
}
