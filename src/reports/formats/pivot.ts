// A report by two things at once as a matrix of costs. Rule: pure; the margins are sums of the cells.
import type { NanoUsd } from '../../domain/money.ts';
import type { Table } from '../table.ts';

export interface Pivot {
  readonly rows: readonly string[];
  /** In the second report's own order: time, or the most expensive first. */
  readonly columns: readonly string[];
  readonly cost: (row: string, column: string) => NanoUsd;
  readonly rowTotal: (row: string) => NanoUsd;
  readonly columnTotal: (column: string) => NanoUsd;
}

const SEPARATOR = '\u0000';

/** The matrix of a table by exactly two reports. */
export function pivotOf({ rows, by }: Table): Pivot {
  const cells = new Map<string, NanoUsd>();
  const rowTotals = new Map<string, NanoUsd>();
  const columnTotals = new Map<string, NanoUsd>();
  const add = (map: Map<string, NanoUsd>, key: string, cost: NanoUsd) =>
    map.set(key, (map.get(key) ?? 0) + cost);
  for (const { key, costNanoUsd } of rows) {
    const [row = '', column = ''] = key;
    add(cells, row + SEPARATOR + column, costNanoUsd);
    add(rowTotals, row, costNanoUsd);
    add(columnTotals, column, costNanoUsd);
  }
  const isTime = by[1]?.order === 'time';
  const columns = [...columnTotals].sort(
    ([a, x], [b, y]) => (isTime ? 0 : y - x) || (a < b ? -1 : 1),
  );
  return {
    rows: [...rowTotals.keys()],
    columns: columns.map(([name]) => name),
    cost: (row, column) => cells.get(row + SEPARATOR + column) ?? 0,
    rowTotal: (row) => rowTotals.get(row) ?? 0,
    columnTotal: (column) => columnTotals.get(column) ?? 0,
  };
}
