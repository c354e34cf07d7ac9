// Prints a report of any length while it is read. Rule: what waits is some hundred kilobytes, never the whole.
import type { RankedSums } from '../domain/aggregates.ts';
import type { Format } from '../reports/formats/format.ts';
import { rowReader } from '../reports/ranked-table.ts';
import type { TableRequest } from '../reports/table.ts';
import type { CliContext } from './command.ts';

/** Bytes that wait before they are written. */
const PRINTED_AT_ONCE = 256 * 1024;

/** Prints all rows as they are made, some hundred kilobytes at a time. */
export function printRows(
  ranked: RankedSums,
  request: TableRequest,
  pieces: NonNullable<Format['pieces']>,
  print: CliContext['print'],
): void {
  const { head, row, end } = pieces({ ...request, rows: [], total: ranked.total, others: null });
  const read = rowReader(ranked, request);
  // Gathered as bytes: a hundred thousand rows as strings would be moved about by every garbage collection.
  const bytes = Buffer.allocUnsafe(PRINTED_AT_ONCE);
  let used = 0;
  const flush = () => {
    if (used > 0) print(bytes.toString('utf8', 0, used));
    used = 0;
  };
  const put = (text: string) => {
    // No letter takes more than three bytes for each of its units.
    if (used + 3 * text.length > PRINTED_AT_ONCE) flush();
    if (3 * text.length > PRINTED_AT_ONCE) print(text);
    else used += bytes.write(text, used);
  };
  put(head);
  for (let rank = 0; rank < ranked.groupCount; rank += 1) put(row(read(rank)));
  put(end());
  flush();
}
