// The contract of a statement's format. Rule: pure; the same statement gives the same bytes on every machine.
import type { Statement } from '../statement.ts';

export interface StatementFormat {
  /** The word after `--format`. */
  readonly name: string;
  /** Ending of its files. */
  readonly extension: string;
  /** One line, for the help. */
  readonly summary: string;
  /** `logo`: the bytes of the sender's logo, where there is one. */
  readonly render: (
    statement: Statement,
    logo: Uint8Array | null,
  ) => Promise<string | Uint8Array> | string;
}
