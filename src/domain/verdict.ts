// Verdicts as data. Rule: codes and numbers here, every word a person reads in `explain.ts` and `breach-text.ts`.
import type { BreakerEvidence, BreakerName } from './breaker-trip.ts';
import type { BudgetId, SessionId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import type { PlanFigures } from './plan-window.ts';
import type { OfflineMode } from './team-share.ts';
import type { EpochMs } from './time.ts';

/** Figures of the budget a breach is about. */
export interface BreachFigures extends PlanFigures {
  readonly budgetId: BudgetId;
  /** Window of the budget in words of its period: `session`, `day 2026-11-21`, … */
  readonly windowLabel: string;
  readonly spendNanoUsd: NanoUsd;
  /** Held by others for requests under way. */
  readonly reservedNanoUsd: NanoUsd;
  /** The limit that was met: the soft limit, or the ceiling. */
  readonly limitNanoUsd: NanoUsd;
  readonly ceilingNanoUsd: NanoUsd | null;
  /** What the next request is expected to need; 0 where the money is already spent. */
  readonly forecastNanoUsd: NanoUsd;
  /** Of a ceiling of the team: the budget there; `null`: the team lets nothing be spent. */
  readonly teamBudgetId?: string | null;
  /** What the team wants while its database cannot be reached, as now; absent: it can be. */
  readonly teamOffline?: OfflineMode;
  /** It was asked for more, can be reached, and has not answered in time. */
  readonly isTeamSilent?: true;
}

/** What a budget's window has spent of its ceiling. */
export type BudgetStanding = Pick<BreachFigures, 'budgetId' | 'windowLabel' | 'spendNanoUsd'> & {
  readonly ceilingNanoUsd: NanoUsd;
} & PlanFigures;

/** The coded fact that a limit was met. */
export type Breach =
  /** Below the limit when the next few requests may reach the ceiling: `forecastNanoUsd` is then more than 0. */
  | ({ readonly code: 'SOFT_LIMIT_REACHED' } & BreachFigures)
  | ({ readonly code: 'WRAP_UP_DUE' } & BreachFigures)
  | ({ readonly code: 'HARD_LIMIT_REACHED' } & BreachFigures)
  | ({ readonly code: 'FORECAST_OVER_CEILING' } & BreachFigures)
  | ({ readonly code: 'SPAWN_OVER_HEADROOM'; readonly tool: string } & BreachFigures)
  | {
      readonly code: 'FAN_OUT_OVER_LIMIT';
      readonly tool: string;
      /** What the subagents of this turn have spent so far. */
      readonly spendNanoUsd: NanoUsd;
      /** What those under way and this spawn are expected to add. */
      readonly forecastNanoUsd: NanoUsd;
      readonly limitNanoUsd: NanoUsd;
    }
  /** By a routing rule. */
  | {
      readonly code: 'SPAWN_REFUSED';
      readonly tool: string;
      readonly agentType: string;
      readonly rule: string;
      readonly expectedNanoUsd: NanoUsd;
    }
  | ({
      readonly code: 'HALTED_BEFORE';
      readonly haltedAt: EpochMs;
      readonly budgetId: BudgetId;
      readonly spendNanoUsd: NanoUsd;
      readonly limitNanoUsd: NanoUsd;
    } & PlanFigures)
  | {
      readonly code: 'HALTED_BY_PERSON';
      readonly haltedAt: EpochMs;
      readonly reason: string | null;
    }
  | ({ readonly code: 'BREAKER_TRIPPED'; readonly breaker: BreakerName } & BreakerEvidence)
  /** `evidence`: what it tripped on, in words. */
  | {
      readonly code: 'HALTED_BY_BREAKER';
      readonly haltedAt: EpochMs;
      readonly breaker: string;
      readonly evidence: string;
    }
  | { readonly code: 'UNKNOWN_MODEL'; readonly model: string; readonly pricedAs: string }
  /** `instead`: the command that does what was meant without it; `null` where there is none. */
  | { readonly code: 'GUARDED_FILE'; readonly path: string; readonly instead: string | null }
  /** The agent keeps no transcript (`path` is where it should be), so nobody knows what it spends. */
  | {
      readonly code: 'TRANSCRIPT_MISSING';
      readonly path: string | null;
      /** It is there and cannot be read: the system's code. */
      readonly why?: string;
    }
  /** Lines of the transcript may have used tokens and could not be read, so nobody knows all that it spends. */
  | { readonly code: 'LINES_UNUSABLE'; readonly count: number; readonly path: string | null }
  /** Responses whose tools have run are not in the transcript, so it does not tell all that the session spends. */
  | { readonly code: 'RESPONSES_MISSING'; readonly count: number; readonly path: string | null }
  /** A transcript said something else than before where it had been read; it was read anew. */
  | { readonly code: 'TRANSCRIPT_REWRITTEN'; readonly path: string }
  /** Files of Tollgate, of Node or of the driver are not as they were, without an upgrade; `faults`: what is wrong with settings. */
  | {
      readonly code: 'INSTALLATION_CHANGED';
      readonly files: readonly string[];
      readonly faults: readonly string[];
    }
  /** A mistake in `file` hides a ceiling, and no earlier configuration has it. */
  | {
      readonly code: 'NO_CEILING';
      readonly file: string;
      /** Dotted path inside the file; empty for the file as a whole. */
      readonly path: string;
      readonly detail: string;
    }
  /**
   * The guard of a session was off: requests were made without hooks, a client without hooks was started inside of it, or the
   * watchdog that looks after both was ended again and again.
   */
  | {
      readonly code: 'GUARD_LOST';
      readonly lost: GuardPart;
      /** The process that was told to stop; `null`: nothing was stopped. */
      readonly stoppedPid: number | null;
    }
  /** A program inside of the session has started the hook, and not Claude Code. */
  | { readonly code: 'EVENT_FORGED'; readonly eventName: string }
  /** Another program runs the hooks of Claude Code's settings; what it spends cannot be known. */
  | { readonly code: 'FOREIGN_HOST'; readonly host: string; readonly isRefused: boolean }
  | {
      readonly code: 'LEDGER_UNAVAILABLE';
      readonly detail: string;
      readonly hint: string;
      /** The budget that has the least left without the ledger; absent where that is not known. */
      readonly tightest?: BudgetStanding;
    };

/** What keeps a session within its ceilings, beside its decisions. */
export type GuardPart = 'hooks' | 'nested-client' | 'state' | 'watchdog';

export type BreachCode = Breach['code'];

/**
 * What the gate answers. `deny` refuses one tool call and lets the agent go on; `halt` ends its turn.
 * A halt in mode `observe` or `warn` is reported as `warn`, with the breach that would have halted.
 */
export interface Verdict {
  readonly kind: 'allow' | 'warn' | 'deny' | 'halt';
  readonly breaches: readonly Breach[];
}

export const ALLOW: Verdict = { kind: 'allow', breaches: [] };

/** A halt that stays: nothing of the session goes on until its ceiling is higher or its window is over. */
export interface HaltRecord {
  readonly sessionId: SessionId;
  readonly budgetId: BudgetId;
  readonly windowKey: string;
  readonly code: BreachCode;
  readonly haltedAt: EpochMs;
  /** The ceiling as it was; a higher one lifts the halt. `null` for a person's halt and a breaker's. */
  readonly ceilingNanoUsd: NanoUsd | null;
  readonly spendNanoUsd: NanoUsd;
  readonly reason: string | null;
}
