// The contract of an alert: a code with typed figures, what makes it the same one as another, and how it gets into the outbox. Rule: codes and
// numbers here, every word a person reads in `wording.ts`; whoever raises an alert does so in the transaction that found its cause.
import type { Digest } from '../digest/digest.ts';
import type { BudgetId, SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { PlanFigures } from '../domain/plan-window.ts';
import type { EpochMs } from '../domain/time.ts';

/** The budget an alert is about, as it stood then. */
export interface BudgetFigures extends PlanFigures {
  readonly budgetId: BudgetId;
  /** Window of the budget in words of its period: `session`, `day 2026-11-21`, … */
  readonly windowLabel: string;
  readonly spendNanoUsd: NanoUsd;
  /** The ceiling, or the soft limit of a budget without one. */
  readonly limitNanoUsd: NanoUsd;
  /** About how many requests still fit; `null` where that is not known, absent in alerts of older versions. */
  readonly requestsLeft?: number | null;
}

/** Something a person wants to know of in time. */
export type Alert =
  /** `ratio`: the share of the limit that was reached, 0.8 for 80 %. */
  | ({ readonly code: 'THRESHOLD_REACHED'; readonly ratio: number } & BudgetFigures)
  | ({ readonly code: 'SOFT_LIMIT_REACHED'; readonly softNanoUsd: NanoUsd } & BudgetFigures)
  /** `forecastNanoUsd`: what the next request was expected to need; 0 where the ceiling was reached. */
  | ({ readonly code: 'SESSION_HALTED'; readonly forecastNanoUsd: NanoUsd } & BudgetFigures)
  /** Somebody has halted the session, by a command or from inside of it. `spendNanoUsd`: what the session had cost. */
  | {
      readonly code: 'HALTED_BY_PERSON';
      readonly reason: string | null;
      readonly spendNanoUsd: NanoUsd;
    }
  | { readonly code: 'UNKNOWN_MODEL'; readonly model: string }
  | ({
      readonly code: 'RUN_OUT_NEAR';
      readonly runOutAt: EpochMs;
      readonly burnNanoUsdPerHour: NanoUsd;
    } & BudgetFigures)
  | {
      readonly code: 'BURN_RATE_HIGH';
      readonly burnNanoUsdPerHour: NanoUsd;
      readonly limitNanoUsdPerHour: NanoUsd;
    }
  /** `paceRatio`: burn rate ÷ the rate that would just last to the end of the window. */
  | ({ readonly code: 'PACE_HIGH'; readonly paceRatio: number } & BudgetFigures)
  /** The hour that began at `hourAt` against the same hour of earlier weeks. */
  | {
      readonly code: 'SPEND_SPIKE';
      readonly hourAt: EpochMs;
      readonly spendNanoUsd: NanoUsd;
      readonly usualNanoUsd: NanoUsd;
    }
  /** `evidence`: the call that was repeated, in the breaker's words. */
  | {
      readonly code: 'BREAKER_TRIPPED';
      readonly breaker: string;
      readonly count: number;
      readonly costNanoUsd: NanoUsd;
      readonly evidence: string;
      /** The session goes no further; else it was only told. */
      readonly isHalted: boolean;
    }
  /** Claude Code may spend and nobody counts it. `cause`: a code of whoever noticed; `detail`: a file or a process. */
  | { readonly code: 'GUARD_LOST'; readonly cause: string; readonly detail: string | null }
  /** A person has raised a ceiling, or taken that back (below zero). `author`: who, and where. The limit is the new ceiling. */
  | ({
      readonly code: 'CEILING_CHANGED';
      readonly amountNanoUsd: NanoUsd;
      readonly author: string;
      readonly reason: string | null;
    } & BudgetFigures)
  /** A hook was started by a program inside of the session and not by Claude Code. `eventName`: what it was to say. */
  | { readonly code: 'EVENT_FORGED'; readonly eventName: string }
  /** `source`: what the ledger was compared with. */
  | {
      readonly code: 'DRIFT_FOUND';
      readonly source: string;
      readonly ledgerNanoUsd: NanoUsd;
      readonly otherNanoUsd: NanoUsd;
    }
  | {
      readonly code: 'DELIVERY_FAILED';
      readonly channel: string;
      readonly attemptCount: number;
      readonly error: string;
    }
  /** A day or a week is over: what it has cost. `channel`: where alone it is sent. */
  | { readonly code: 'DIGEST'; readonly channel: string; readonly digest: Digest }
  /** Sent by `tollgate alerts test`. */
  | { readonly code: 'TEST' };

/** An alert that has become due. */
export interface DueAlert {
  readonly alert: Alert;
  /** Two alerts with the same key are one. It begins with the code and names the window, session or channel it comes once for. */
  readonly onceKey: string;
  /** Another alert of the same moment says it: this one is only written down. */
  readonly isSilent?: boolean;
}

/** An alert to be written into the outbox. */
export interface NewAlert extends Pick<DueAlert, 'alert' | 'onceKey'> {
  /** Where it happened; `null`: not in a session. */
  readonly sessionId: SessionId | null;
  readonly raisedAt: EpochMs;
  /** Nobody is to be told: it is only written down. */
  readonly isTold: boolean;
}

/** An alert as it was written. */
export interface AlertRecord {
  readonly seq: number;
  /** The same everywhere: whoever receives it drops one whose id is known. */
  readonly alertId: string;
  readonly alert: Alert;
  readonly sessionId: SessionId | null;
  readonly raisedAt: EpochMs;
  readonly acknowledgedAt: EpochMs | null;
}

/** What raising an alert takes: the ledger, and whether anybody is to be told. */
export interface RaiseDeps {
  readonly store: { readonly addAlert: (alert: NewAlert) => boolean };
  readonly config: { readonly alerts: { readonly channels: readonly unknown[] } };
}

/**
 * Puts an alert into the outbox; false when it is there already. Call inside `store.immediately`, together with what caused it. `session`:
 * where it happened; `null`: not in a session.
 */
export function enqueueAlert(
  due: DueAlert,
  session: SessionId | null,
  { store, config }: RaiseDeps,
  at: EpochMs,
): boolean {
  const { alert, onceKey, isSilent } = due;
  const isTold = isSilent === true || config.alerts.channels.length === 0;
  return store.addAlert({ alert, onceKey, sessionId: session, raisedAt: at, isTold });
}
