// What a session's budgets came to at its last decision that is kept beside the ledger, for a decision without it. PURE.
// Rule: plain JSON, amounts and names of windows only.
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, recordedAmount, spendOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HaltRecord } from '../domain/verdict.ts';
import type { PlanReading } from '../stores/store.ts';

/** One session's; its windows may be shared with others. */
export interface LastTotals {
  readonly at: EpochMs;
  readonly sessionId: SessionId;
  /** See `BudgetContext`. */
  readonly chain: readonly SessionId[];
  readonly runChain: readonly SessionId[];
  /** The halt that stood. */
  readonly haltRecord: HaltRecord | null;
  readonly windows: readonly WindowTotal[];
}

export interface WindowTotal {
  /** See `Pool.key`. */
  readonly key: string;
  /** Posted, and reserved by others. */
  readonly spentNanoUsd: NanoUsd;
  readonly grantedNanoUsd: NanoUsd;
  /** Of a plan's window: the share that was used, and what fills it. The amounts above are then 0, and in its own unit. */
  readonly plan?: Pick<PlanReading, 'window' | 'usedRatio' | 'endAt' | 'rate'>;
}

/** What is kept of a decision. */
export function lastTotals(
  {
    now,
    sessionId,
    chain,
    runChain,
  }: Pick<LastTotals, 'sessionId' | 'chain' | 'runChain'> & { readonly now: EpochMs },
  budgetStatuses: readonly BudgetStatus[],
  haltRecord: HaltRecord | null,
): LastTotals {
  const windows = budgetStatuses.map(windowTotal);
  return { at: now, sessionId, chain, runChain, haltRecord, windows };
}

function windowTotal(status: BudgetStatus): WindowTotal {
  const { plan, windowKey: key, grantedNanoUsd, window } = status;
  if (plan === undefined) {
    return { key, spentNanoUsd: status.postedNanoUsd + status.reservedNanoUsd, grantedNanoUsd };
  }
  const { fullNanoUsd, basis } = plan;
  const granted = recordedAmount(grantedNanoUsd, status) ?? 0;
  const total = { key, spentNanoUsd: 0, grantedNanoUsd: granted };
  if (basis === 'unknown') return total;
  const rate =
    plan.errorRatio === null ? null : { fullNanoUsd, errorRatio: plan.errorRatio, sampleCount: 0 };
  const usedRatio = spendOf(status) / fullNanoUsd;
  return { ...total, plan: { window: plan.window, usedRatio, endAt: window.endAt, rate } };
}
