// The part of a ledger's contract that recording needs: what writes down and settles what a transcript tells
// (src/gate/recorder.ts, src/gate/settle.ts), one by one or many at once.
import type { NanoUsd } from '../domain/money.ts';
import type { SettleOperations } from './settling.ts';
import type { Store } from './store.ts';

/** What recording and settling one by one need. */
export type RecordingStore = Omit<SettleOperations, 'readSettlement'> &
  Pick<Store, 'readCheckpoint' | 'writeCheckpoint'> &
  Pick<Store, 'recordUsage' | 'recordCorrection' | 'readOwner' | 'readCostBefore'> &
  Pick<
    Store,
    'readSession' | 'writeSession' | 'readThread' | 'writeThread' | 'addToTokenHistogram'
  >;

/** Many entries at once (src/gate/sync.ts). */
export interface BulkOperations {
  /**
   * Inside a transaction: `work` gets a ledger that gathers what many entries change and writes it together at
   * the end. The result is the same to the last column.
   */
  readonly batched: <T>(work: (ledger: RecordingStore) => T) => T;
  /** `batched` in a transaction of its own, for hundreds of entries; keep each short, since hooks wait meanwhile. */
  readonly bulk: <T>(work: (ledger: RecordingStore) => T) => T;
  /** Whether the ledger is still of the version it was opened with; another program may have upgraded it. */
  readonly isCurrent: () => boolean;
  /** Everything in the ledger, added up. */
  readonly readLedgerTotals: () => { readonly requestCount: number; readonly costNanoUsd: NanoUsd };
}
