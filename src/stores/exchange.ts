// The part of a ledger's contract for what machines give one another (src/exchange). Rule: lines come in the order in which the ledger got them,
// and an earlier line never changes, so that a later export begins as an earlier one.
import type { Attribution } from '../domain/attribution.ts';
import type { CorrectionEntry, UsageEntry } from '../domain/entry.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';

/** What one entry of a ledger says to others. */
export type ExchangeLine =
  /** A request as it stood then, what it had grown by included. `isRepriced`: it has another cost since. */
  | { readonly kind: 'usage'; readonly entry: UsageEntry; readonly isRepriced: boolean }
  /** Money that no usage line shows. */
  | { readonly kind: 'correction'; readonly entry: CorrectionEntry }
  /** An entry counts under other labels from now on. */
  | {
      readonly kind: 'relabel';
      readonly entryId: string;
      readonly attribution: Attribution;
    };

/** Another machine, as its last import left it. */
export interface Machine {
  readonly machineId: string;
  /** SPKI, base64. */
  readonly publicKey: string;
  /** Its host name, as it says. */
  readonly name: string;
  readonly developer: string | null;
  /** Lines taken over so far, and the hash of the last of them. */
  readonly lineCount: number;
  readonly head: string;
  /** When its newest bundle was made. */
  readonly madeAt: EpochMs;
}

export interface ExchangeOperations {
  /** After an entry's number in the ledger (0: from the first), at most so many entries; `through`: where to go on, `null` at the end. */
  readonly readExchangeLines: (
    after: number,
    limit: number,
  ) => { readonly lines: readonly ExchangeLine[]; readonly through: number | null };
  /** Moves one entry under other labels; false where it is not there, or has them. Call inside `immediately`. */
  readonly relabelEntry: (entryId: string, to: Attribution, at: EpochMs) => boolean;
  readonly readMachines: () => readonly Machine[];
  readonly writeMachine: (machine: Machine) => void;
  /** The machine that a session was imported from; `null`: none. */
  readonly readSessionMachine: (id: SessionId) => string | null;
  /** Notes it; the first machine stands. */
  readonly writeSessionMachine: (id: SessionId, machineId: string) => void;
}
