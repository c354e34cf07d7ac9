// A statement: what a client is billed for a period, as figures. Rule: amounts are decimal text in its currency, cost is nano-dollars of the
// ledger; whoever has the document can add everything up again.
import type { ClientTerms, DatedRate, LineGroup, Sender } from '../domain/billing.ts';
import type { EpochMs } from '../domain/time.ts';

/** What a client has cost, by everything that a statement tells apart. */
export interface CostRow {
  readonly repository: string | null;
  readonly branch: string | null;
  readonly ticket: string | null;
  readonly developer: string | null;
  readonly model: string | null;
  readonly isEstimated: boolean;
  readonly costNanoUsd: number;
  readonly requestCount: number;
  /** Requests to models without a price, counted as the costliest of their family. */
  readonly unknownCount: number;
}

export type StatementLine =
  | {
      readonly kind: 'usage';
      /** `null`: unattributed. */
      readonly group: string | null;
      readonly isEstimated: boolean;
      readonly costNanoUsd: number;
      readonly requestCount: number;
      /** What it comes to before rounding. */
      readonly exact: string;
      /** As it is billed. */
      readonly amount: string;
    }
  | { readonly kind: 'flat'; readonly exact: string; readonly amount: string }
  | {
      readonly kind: 'developer';
      readonly group: string | null;
      readonly exact: string;
      readonly amount: string;
    }
  | {
      readonly kind: 'discount';
      readonly text: string;
      readonly sharePpm: number | null;
      readonly exact: string;
      readonly amount: string;
    }
  /** A share of what the provider has billed beyond (or below) the ledger, by what the client has cost. */
  | {
      readonly kind: 'spread';
      readonly costNanoUsd: number;
      readonly exact: string;
      readonly amount: string;
    }
  /** What the ledger says otherwise now of a period that was billed. */
  | {
      readonly kind: 'correction';
      /** The statement that it corrects. */
      readonly number: string;
      readonly startAt: EpochMs;
      readonly endAt: EpochMs;
      readonly costNanoUsd: number;
      readonly exact: string;
      readonly amount: string;
    };

/** One group of a table that tells how the cost divides. */
export interface BreakdownRow {
  readonly name: string | null;
  readonly costNanoUsd: number;
  readonly requestCount: number;
}

export interface Statement {
  /** It bills what the team's ledger has; absent: this machine's. */
  readonly isOfTeam?: true;
  /** `null`: a draft. */
  readonly number: string | null;
  readonly client: string;
  readonly sender: Sender | null;
  readonly terms: ClientTerms;
  /** `null`: dollars. */
  readonly rate: DatedRate | null;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly madeAt: EpochMs;
  readonly lines: readonly StatementLine[];
  /** Before rounding: the sum of the lines' `exact`. */
  readonly netExact: string;
  readonly net: string;
  readonly taxes: readonly {
    readonly name: string;
    readonly sharePpm: number;
    readonly amount: string;
  }[];
  readonly total: string;
  /** The ledger's figures of the period alone, without corrections. */
  readonly cost: {
    readonly costNanoUsd: number;
    readonly estimatedNanoUsd: number;
    readonly requestCount: number;
    readonly unknownCount: number;
  };
  readonly breakdowns: Readonly<Record<LineGroup, readonly BreakdownRow[]>>;
}
