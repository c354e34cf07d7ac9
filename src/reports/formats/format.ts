// The contract of a format: a finished report as text. Rule: pure; the same table gives the same bytes, and a
// format says everything the table says, others and total included, or says why not.
import type { Report } from '../report.ts';
import type { Table } from '../table.ts';

/** What the reader's screen can show; formats for programs ignore it. */
export interface Style {
  /** Colour and bars are welcome. */
  readonly isFancy: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
}

export interface Format {
  /** The word after `--format`. */
  readonly name: string;
  /** One line, for the help. */
  readonly summary: string;
  /** The groups it needs, given those asked for; absent: just those. */
  readonly groupsFor?: (asked: readonly Report[]) => readonly Report[];
  /** Ends with a line break. */
  readonly print: (table: Table, style: Style) => string;
}
