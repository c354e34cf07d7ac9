// The part of a ledger's contract that decision leases need (src/gate/lease.ts).
import type { LedgerPosition, SpendSince } from '../domain/decision-lease.ts';
import type { EpochMs } from '../domain/time.ts';

/** What issuing and using a decision lease reads. */
export interface LeaseOperations {
  /** The newest entry; `null` in an empty ledger. */
  readonly readPosition: () => LedgerPosition | null;
  /**
   * What came after an entry, and what is reserved now. `null`: that entry is not where it was, so this is another ledger, or
   * so much came after it that a decision is cheaper than the sum.
   */
  readonly readSpendSince: (position: LedgerPosition, now: EpochMs) => SpendSince | null;
}
