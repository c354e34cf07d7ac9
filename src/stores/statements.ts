// The part of a ledger's contract for statements that were issued. Rule: they are added and never changed.
import type { EpochMs } from '../domain/time.ts';

export interface IssuedStatement {
  readonly number: string;
  readonly client: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly issuedAt: EpochMs;
  /** Its number without the sequence; see `statements/numbering.ts`. */
  readonly series: string;
  /** The statement as JSON. */
  readonly document: string;
  /** SHA-256 of the statement in each format, in hexadecimal. */
  readonly digests: Readonly<Record<string, string>>;
}

export interface StatementOperations {
  readonly addStatement: (statement: IssuedStatement) => void;
  /** Oldest first. */
  readonly readStatements: () => readonly IssuedStatement[];
}
