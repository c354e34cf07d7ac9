// What reports and re-labelling ask of a ledger. Rule: sums are sums of the same entries, however they are divided.
import type {
  GroupSums,
  LedgerLine,
  RankedSums,
  RankOrder,
  SumQuery,
} from '../domain/aggregates.ts';
import type { Attribution } from '../domain/attribution.ts';
import type { EpochMs, Window } from '../domain/time.ts';

/** What reports and re-labelling read and write. */
export interface ReportOperations {
  /** First and last entry; `null` for an empty ledger. */
  readonly readSpan: () => Window | null;
  readonly readSums: (query: SumQuery) => readonly GroupSums[];
  /** The same for exactly one key, in order. */
  readonly readRanked: (query: SumQuery, order: RankOrder) => RankedSums;
  /** Makes the next such read fast; answers how many entries are still to be added: call until it is 0. */
  readonly refreshSums: () => number;
  /** Entries that count under these conditions now, oldest first, without re-labelling's own pairs. */
  readonly readLines: (query: Pick<SumQuery, 'window' | 'where'>) => readonly LedgerLine[];
  /** Moves an entry under other labels, as a pair of corrections. Call inside `immediately`. */
  readonly reattribute: (line: LedgerLine, to: Attribution, at: EpochMs) => void;
}

/** What reports read: of this machine's ledger at once, of a team's after a while. */
export type ReportReads = {
  readonly [Name in 'readSpan' | 'readSums' | 'readRanked' | 'readLines']: (
    ...asked: Parameters<ReportOperations[Name]>
  ) => ReturnType<ReportOperations[Name]> | Promise<ReturnType<ReportOperations[Name]>>;
};
