// The contract of a format: a finished report as text. Rule: pure; the same table gives the same bytes, and a
// format says everything the table says, others and total included, or says why not.
import type { Report } from '../report.ts';
import type { Table, TableRow } from '../table.ts';

/** What the reader's screen can show; formats for programs ignore it. */
export interface Style {
  /** Colour and bars are welcome. */
  readonly isFancy: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
}

/** A report as text in pieces: a report may have more rows than anybody wants to hold at once. */
export interface Pieces {
  readonly head: string;
  /** In order, each row once. */
  readonly row: (row: TableRow) => string;
  readonly end: () => string;
}

export interface Format {
  /** The word after `--format`. */
  readonly name: string;
  /** One line, for the help. */
  readonly summary: string;
  /** The groups it needs, given those asked for; absent: just those. */
  readonly groupsFor?: (asked: readonly Report[]) => readonly Report[];
  /** Rows may have any number of groups; absent: one or two. */
  readonly takesAnyGroups?: true;
  /** For people: so many rows of a longer report, unless they ask for more; absent: always all. */
  readonly mostRows?: number;
  /** Ends with a line break. */
  readonly print: (table: Table, style: Style) => string;
  /** The same in pieces, for a table whose rows come one by one and have no models; absent: there is no such way. */
  readonly pieces?: (table: Table) => Pieces;
}
