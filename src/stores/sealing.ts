// The part of a ledger's contract that its seal needs (src/stores/seal): what the ledger knows of the seal, what is not in it yet,
// and putting back what a line of it says.
import type { NanoUsd } from '../domain/money.ts';

/** How far a ledger is sealed. */
export interface SealMark {
  /** Names the ledger; one that is restored from its seal keeps it. */
  readonly ledgerId: string;
  /** Lines written for it; 0: none yet. */
  readonly seq: number;
  /** Hash of the newest line; empty where there is none. */
  readonly head: string;
  /** The newest entry that is in the seal, and all up to it, added up. */
  readonly throughSeq: number;
  readonly entryCount: number;
  readonly costNanoUsd: NanoUsd;
  /** Halts, grants, accepted files, statements or machines changed and could not be sealed: the next line holds all of them. */
  readonly isStale: boolean;
}

/** Keys of what changed in a transaction and has to be proved later. */
export interface SealedChanges {
  readonly halts: Set<string>;
  readonly grants: Set<string>;
  readonly heldFiles: Set<string>;
  readonly statements: Set<string>;
  readonly machines: Set<string>;
}

export type SealedRow = Readonly<Record<string, string | number | null>>;

export const noChanges = (): SealedChanges => ({
  halts: new Set(),
  grants: new Set(),
  heldFiles: new Set(),
  statements: new Set(),
  machines: new Set(),
});

export const hasChanges = (changes: SealedChanges): boolean =>
  Object.values(changes).some((keys) => keys.size > 0);

/** What one line of a seal holds: rows of the ledger, the numbers that stand for sessions and labels spelled out. */
export interface SealedContent {
  /** True: the halts and accepted files are all there are. */
  readonly isWhole: boolean;
  /** `null`: it is no more. */
  readonly halts: readonly (readonly [sessionId: string, row: SealedRow | null])[];
  readonly grants: readonly SealedRow[];
  readonly heldFiles: readonly (readonly [file: string, row: SealedRow | null])[];
  /** Those that were issued. */
  readonly statements: readonly SealedRow[];
  /** Machines whose exports were imported, with the keys that they are held to; absent in lines of older versions. */
  readonly machines?: readonly SealedRow[];
  /** Of each window of a plan the newest reading, and the newest that has a rate; absent in lines of older versions. */
  readonly planReadings?: readonly SealedRow[];
  /** By table: what belongs to the sessions that spent something, or were halted. */
  readonly sessions: Readonly<Record<string, readonly SealedRow[]>>;
  /** Windows that are open. */
  readonly windows: readonly SealedRow[];
  readonly entries: SealedEntries;
}

/** Entries as lists of values, in the order of `columns`, then the places of their session and labels in these lists. */
export interface SealedEntries {
  readonly columns: readonly string[];
  readonly sessionIds: readonly string[];
  readonly labels: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** What a ledger adds up to. */
export interface ProvableSums {
  readonly entryCount: number;
  readonly costNanoUsd: NanoUsd;
}

export interface SealOperations {
  /** Entries after the mark, at most `limit`, and what changed; call inside `immediately`. */
  readonly readUnsealed: (
    mark: SealMark,
    changes: SealedChanges,
    limit: number,
  ) => { readonly content: SealedContent; readonly throughSeq: number };
  /** Puts back what a line holds and the ledger lacks; `replaces`: also what the ledger has otherwise. Inside `immediately`. */
  readonly applySealed: (content: SealedContent, replaces: boolean) => void;
  readonly writeSealMark: (mark: SealMark) => void;
  /** All halts, grants, accepted files, issued statements and machines as one text, the same for the same rows. */
  readonly readProvable: () => string;
  /** Entries up to a place in the ledger; `null`: all. */
  readonly readProvableSums: (throughSeq: number | null) => ProvableSums & {
    readonly throughSeq: number;
  };
  readonly countProvable: () => {
    readonly haltCount: number;
    readonly grantCount: number;
    readonly grantedNanoUsd: NanoUsd;
    readonly heldFileCount: number;
    readonly statementCount: number;
  };
}

/** What a store offers for its seal. */
export interface SealableStore {
  readonly readSealMark: () => SealMark;
  readonly sealing: () => SealOperations;
  /** Writes what is not in the seal yet; nothing happens in a ledger that has none. */
  readonly seal: () => void;
}
