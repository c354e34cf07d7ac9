// The part of a ledger's contract that settling needs: what the client said a session had cost, beside what its
// entries come to (src/gate/settle.ts).
import type { HostRun } from '../domain/host-run.ts';
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Usage } from '../domain/usage.ts';

/** Sums of one session's entries, as settling needs them. */
export interface Settlement {
  /** Requests (with their growth) before the instant asked for. */
  readonly requestsNanoUsd: NanoUsd;
  /** What settlements have written so far. */
  readonly settledNanoUsd: NanoUsd;
  /** Estimates for money no line shows, what was taken back included. */
  readonly estimatedNanoUsd: NanoUsd;
  /** Those of the estimates that lie after the instant and so still stand. */
  readonly openEstimatesNanoUsd: NanoUsd;
}

/** A request whose model had no price when it was recorded, and that nobody has priced anew. */
export interface UnpricedRequest {
  readonly entryId: string;
  readonly sessionId: SessionId;
  /** The folder its session worked in; `null`: no line says. */
  readonly cwd: string | null;
  readonly model: string;
  readonly occurredAt: EpochMs;
  /** What it counts with now, its growth included. */
  readonly usage: Usage;
  readonly costNanoUsd: NanoUsd;
}

/** What pricing anew reads and writes. */
export interface RepriceOperations {
  /** Oldest first; of one session, or (`null`) of all. */
  readonly readUnpriced: (id: SessionId | null) => readonly UnpricedRequest[];
  /** Gives a request another cost, as a pair of corrections: its old one back, and the new one. Call inside `immediately`. */
  readonly reprice: (request: UnpricedRequest, costNanoUsd: NanoUsd, at: EpochMs) => void;
}

export interface SettleOperations {
  /** What a settlement with the client's total must compare, its entries before `untilAt`. */
  readonly readSettlement: (id: SessionId, untilAt: EpochMs) => Settlement;
  /** Notes what the client said; telling the same total in the same place again changes nothing. */
  readonly writeHostTotal: (id: SessionId, ordinal: number, totalNanoUsd: NanoUsd) => void;
  /** Notes what the client says while it runs; entries before `untilAt` are in it. The next total takes its place. */
  readonly writeLiveHostTotal: (id: SessionId, totalNanoUsd: NanoUsd, untilAt: EpochMs) => void;
  /** What happens from `at` on comes after these totals; closed ones stay as they are. */
  readonly closeHostTotals: (id: SessionId, throughOrdinal: number, at: EpochMs) => void;
  /** Oldest first; the last one has no total. */
  readonly readHostRuns: (id: SessionId) => readonly HostRun[];
  /** What settling has written so far, and in how many lines. */
  readonly readSettled: (id: SessionId) => {
    readonly lineCount: number;
    readonly settledNanoUsd: NanoUsd;
    /** Of estimates; never above 0. */
    readonly takenBackNanoUsd: NanoUsd;
  };
  /** Sessions that were forked from this one. */
  readonly readForks: (id: SessionId) => readonly SessionId[];
}
