// Tables whose rows come in order from the ledger. Rule: pure; the same table as adding up and sorting all rows here,
// but a row is only made when it is shown: there may be a million of them.
import type { GroupSums, RankedSums } from '../domain/aggregates.ts';
import { NO_MODELS, type Table, type TableRequest, type TableRow } from './table.ts';

/** A report whose rows can be made one by one: one key, each value of which is a row. */
export function isRankable({ by, breakdown, top }: Omit<TableRequest, 'zone'>): boolean {
  const [report] = by;
  const isInOrder = report?.order === 'cost' || top === null;
  return by.length === 1 && report?.isPlain === true && isInOrder && !breakdown;
}

/** Rows in their order, each made when it is asked for. */
export function rowReader(ranked: RankedSums, request: TableRequest): (rank: number) => TableRow {
  const read = (sum: GroupSums) => sum.key[0] ?? null;
  const group = request.by[0]?.groups({ zone: request.zone, sums: [], read });
  return (rank) => {
    const sums = ranked.at(rank);
    const { requestCount, unknownCount, costNanoUsd, usage, firstAt, lastAt } = sums;
    const key = [group?.(sums) ?? ''];
    return {
      key,
      requestCount,
      unknownCount,
      costNanoUsd,
      usage,
      firstAt,
      lastAt,
      models: NO_MODELS,
    };
  };
}

/** A table of such a report; of the rows that are not shown only the sum is ever made. */
export function rankedTable(ranked: RankedSums, request: TableRequest): Table {
  const { groupCount, total, totalBetween } = ranked;
  const isByDefault = request.top === null;
  const count = Math.min(groupCount, request.top ?? request.mostRows ?? groupCount);
  const areEarlier = isByDefault && request.by[0]?.order === 'time';
  const [from, to] = areEarlier ? [groupCount - count, groupCount] : [0, count];
  const row = rowReader(ranked, request);
  const rows = Array.from({ length: count }, (_, index) => row(from + index));
  const hidden = areEarlier ? totalBetween(0, from) : totalBetween(to, groupCount);
  const others = { ...hidden, groupCount: groupCount - count, areEarlier, isByDefault };
  return { ...request, rows, total, others: count < groupCount ? others : null };
}
