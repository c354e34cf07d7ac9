// What a session's budgets came to at its last decision that is kept beside the ledger, for a decision without it. PURE.
// Rule: plain JSON, amounts and names of windows only.
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HaltRecord } from '../domain/verdict.ts';

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
  const windows = budgetStatuses.map((status) => ({
    key: status.windowKey,
    spentNanoUsd: status.postedNanoUsd + status.reservedNanoUsd,
    grantedNanoUsd: status.grantedNanoUsd,
  }));
  return { at: now, sessionId, chain, runChain, haltRecord, windows };
}
