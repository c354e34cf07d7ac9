// Spend: posted + reserved of a budget's scope in one of its windows, read against the ceiling.
import type { Budget } from './budget.ts';
import type { NanoUsd } from './money.ts';
import { PLAN_UNITS, type PlanFigures, type PlanStanding } from './plan-window.ts';
import type { OfflineMode } from './team-share.ts';
import type { Window } from './time.ts';

/** Stages of a budget that are announced once in a window. */
export type Stage = 'soft' | 'wrapUp' | 'hard';

/** One budget as it stands for the session at hand. */
export interface BudgetStatus {
  readonly budget: Budget;
  /** Names the pool: the budget, its split and its window. Two sessions with the same key share money. */
  readonly windowKey: string;
  /** For people: `session`, `day 2026-11-21`, `5 hours to 14:00`. */
  readonly windowLabel: string;
  readonly window: Window;
  /** Settled entries. */
  readonly postedNanoUsd: NanoUsd;
  /** Taken over from the session this one was forked from; counts for the session's own ceiling only. */
  readonly inheritedNanoUsd: NanoUsd;
  /** Held by others for requests under way. */
  readonly reservedNanoUsd: NanoUsd;
  /** Raises that people granted for this window. */
  readonly grantedNanoUsd: NanoUsd;
  /** Stages already announced in this window. */
  readonly announced: readonly Stage[];
  /** Of a ceiling of the team: amounts are this machine's, and the ceiling is what its lease carries. */
  readonly team?: {
    /** `null`: the team lets nothing be spent here. */
    readonly budgetId: string | null;
    /** What its lease carried when it was given; `null`: there is none that may be spent. */
    readonly outstandingNanoUsd: NanoUsd | null;
    /** The team has nothing more to give. */
    readonly isSpent: boolean;
    /** As it has just said, what it has beyond this machine's lease; `null`: it is to be asked. */
    readonly spareNanoUsd: NanoUsd | null;
    /** What it wants while its database cannot be reached, as now; `null`: it can be. */
    readonly offline: OfflineMode | null;
  };
  /** Of a budget in a plan's window: amounts are the list-price dollars that make up its shares. */
  readonly plan?: PlanStanding;
  /** Its dollars are list prices that a plan covers. */
  readonly isListPrice?: true;
}

/** What the figures of a budget are in, for those who word them. */
export const planFigures = ({
  plan,
  isListPrice,
}: Pick<BudgetStatus, 'plan' | 'isListPrice'>): PlanFigures => {
  if (plan !== undefined) return { fullNanoUsd: plan.fullNanoUsd };
  return isListPrice ? { isListPrice } : {};
};

/** Hard limit + grants; `null` where the budget has no hard limit. */
export function ceilingOf(budgetStatus: BudgetStatus): NanoUsd | null {
  const { hardNanoUsd } = budgetStatus.budget;
  return hardNanoUsd === null ? null : hardNanoUsd + budgetStatus.grantedNanoUsd;
}

/** Settled: its own and what it was forked with. */
export const postedOf = ({ postedNanoUsd, inheritedNanoUsd }: BudgetStatus): NanoUsd =>
  postedNanoUsd + inheritedNanoUsd;

/** Posted (inherited included) + reserved. */
export function spendOf(budgetStatus: BudgetStatus): NanoUsd {
  return postedOf(budgetStatus) + budgetStatus.reservedNanoUsd;
}

/** What is left under the ceiling, negative when it was crossed; `null` without a ceiling. */
export function headroomOf(budgetStatus: BudgetStatus): NanoUsd | null {
  const ceiling = ceilingOf(budgetStatus);
  return ceiling === null ? null : ceiling - spendOf(budgetStatus);
}

/** A budget and its window for people; what both are called is said once. */
export function windowName({ budget, windowLabel }: BudgetStatus): string {
  const isSame = windowLabel === budget.id || windowLabel.startsWith(`${budget.id} `);
  return isSame ? windowLabel : `${budget.id} (${windowLabel})`;
}

/** The same for scripts, beside the amounts; nothing for a budget of money. */
export function planJson(budgetStatus: BudgetStatus) {
  const { plan, window } = budgetStatus;
  if (plan === undefined) return {};
  const { fullNanoUsd, basis, errorRatio } = plan;
  const ceiling = ceilingOf(budgetStatus);
  return {
    plan: {
      window: plan.window,
      usedRatio: basis === 'unknown' ? null : spendOf(budgetStatus) / fullNanoUsd,
      ceilingRatio: ceiling === null ? null : ceiling / fullNanoUsd,
      basis,
      errorRatio,
      fullNanoUsd: errorRatio === null ? null : fullNanoUsd,
      resetsAt: window.endAt,
    },
  };
}

/** An amount of a budget as halts and grants keep it: of a plan's window in its own unit, since what fills it is learned anew. */
export function recordedAmount(amount: NanoUsd | null, { plan }: Pick<BudgetStatus, 'plan'>) {
  if (amount === null || plan === undefined) return amount;
  return Math.round((amount / plan.fullNanoUsd) * PLAN_UNITS);
}

/** The same of what was kept under a window's key. */
export const recordedFigures = (windowKey: string): PlanFigures =>
  windowKey.includes('|plan:') ? { fullNanoUsd: PLAN_UNITS } : {};

/** A kept amount in the dollars of a status. */
export const fromRecorded = (amount: NanoUsd, { plan }: Pick<BudgetStatus, 'plan'>): NanoUsd =>
  plan === undefined ? amount : Math.round((amount / PLAN_UNITS) * plan.fullNanoUsd);
