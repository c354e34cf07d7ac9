// Adds up lines by what a report divides them by, from the coarsest set of them that tells it. Rule: integers only,
// so that neither the set nor the order of adding changes a sum.
import type { GroupSums, SumQuery } from '../../../domain/aggregates.ts';
import { BUCKET_MS, isLabel, SUM_COLUMNS } from '../../columns.ts';
import type { Added } from '../../rank.ts';
import type { Value } from '../connection.ts';
import type { Chunk } from './column-cache.ts';
import type { Dimension } from './dimensions.ts';
import { expand } from './encode-columns.ts';
import { addColumn, addTimes, folder, grouper, LEFT_OUT, type Times, timesFor } from './groups.ts';
import { ROLLUP_LEVELS, type RollupLevel } from './rollup-lines.ts';

/** Groups there is room for at first, where so many can come. */
const ROOM_AT_FIRST = 128 * 1_024;
const OF_TIME: readonly string[] = ['day', 'hour', 'utcHour'];

/** The coarsest set that tells everything a query asks for; `null`: only the lines themselves do. */
function setFor({ by, where, window }: SumQuery): RollupLevel | null {
  const keys = [...by, ...where.map(({ key }) => key)];
  const columns = new Set(keys.map((key) => (isLabel(key) ? 'attribution' : key)));
  const needsTime = by.some((key) => OF_TIME.includes(key));
  for (const key of OF_TIME) columns.delete(key as 'day');
  const edges = [window.startAt, window.endAt].filter(Number.isFinite);
  const isWhole = edges.every((at) => at % BUCKET_MS === 0);
  const fits = ({ keeps, hasQuarters }: RollupLevel) =>
    (hasQuarters ? isWhole : !needsTime && edges.length === 0) &&
    [...columns].every((column) => (keeps as readonly string[]).includes(column));
  return ROLLUP_LEVELS.find(fits) ?? null;
}

/** What lines add up to, group by group. */
interface Totals extends Times {
  readonly sums: readonly Float64Array[];
}

export function addUp(
  query: SumQuery,
  chunks: readonly Chunk[],
  dividers: readonly Dimension[],
): Added {
  const set = setFor(query);
  const lines = chunks.map((chunk) => chunk.linesOf(set));
  const mostLines = lines.reduce((most, { lineCount }) => Math.max(most, lineCount), 0);
  const totalCount = lines.reduce((sum, { lineCount }) => sum + lineCount, 0);
  const at = new Float64Array(mostLines);
  const span = set === null ? null : new Float64Array(mostLines);
  const groups = new Int32Array(mostLines);
  const parts = dividers.map(() => new Float64Array(mostLines));
  if (parts.length === 0) parts.push(new Float64Array(mostLines));
  const ranges = dividers.length === 0 ? [1] : dividers.map(({ range }) => range);
  const { range, fold } = folder(ranges, totalCount);
  const found = grouper(range);
  /** The part of each group; groups begin at 1. */
  const partsOf = dividers.map((): number[] => [LEFT_OUT]);
  let totals = roomFor(Math.min(range, totalCount, ROOM_AT_FIRST) + 1);
  for (const [place, chunk] of chunks.entries()) {
    const { lineCount, column } = lines[place] as (typeof lines)[number];
    expand(column('at'), at);
    if (span !== null) expand(column('span'), span);
    for (const [index, divider] of dividers.entries()) {
      divider.divide({ place, lineCount, column, at }, parts[index] as Float64Array);
    }
    leaveOut(query.window, chunk, at, parts[0] as Float64Array, lineCount);
    found.group(fold(parts, lineCount), groups, lineCount, (line) => {
      for (const [index, known] of partsOf.entries()) known.push(parts[index]?.[line] as number);
    });
    // What was left out is no group, but has a place of its own in front of them.
    totals = withRoom(totals, found.count() + 1);
    for (const [index, name] of SUM_COLUMNS.entries()) {
      addColumn(column(name), groups, totals.sums[index] as Float64Array);
    }
    addTimes(at, span, groups, lineCount, totals);
    if (dividers.length === 0) (parts[0] as Float64Array).fill(0);
  }
  return toAdded(query, dividers, partsOf, totals, found.count());
}

/** Lines outside the window do not count. */
function leaveOut(
  { startAt, endAt }: SumQuery['window'],
  { firstAt, lastAt }: Chunk,
  at: Float64Array,
  part: Float64Array,
  lineCount: number,
): void {
  if (firstAt >= startAt && lastAt < endAt) return;
  for (let line = 0; line < lineCount; line += 1) {
    const time = at[line] as number;
    if (time < startAt || time >= endAt) part[line] = LEFT_OUT;
  }
}

function roomFor(groupCount: number): Totals {
  return { ...timesFor(groupCount), sums: SUM_COLUMNS.map(() => new Float64Array(groupCount)) };
}

function withRoom(totals: Totals, groupCount: number): Totals {
  if (groupCount <= totals.firstAt.length) return totals;
  const larger = roomFor(2 * groupCount);
  for (const [index, sum] of totals.sums.entries()) larger.sums[index]?.set(sum);
  larger.firstAt.set(totals.firstAt);
  larger.lastAt.set(totals.lastAt);
  return larger;
}

function toAdded(
  query: SumQuery,
  dividers: readonly Dimension[],
  partsOf: readonly (readonly number[])[],
  { sums, firstAt, lastAt }: Totals,
  groupCount: number,
): Added {
  /** Where each key's value comes from: a divider, and a place among its keys. */
  const sources = query.by.map((key) => {
    const index = dividers.findIndex(({ keys }) => keys.includes(key));
    return { index, place: dividers[index]?.keys.indexOf(key) ?? 0 };
  });
  const keyOf = (group: number): Value[] =>
    sources.map(({ index, place }) => {
      const part = partsOf[index]?.[group] as number;
      return dividers[index]?.valueOf(part)[place] ?? null;
    });
  // A group whose lines were all moved elsewhere holds nothing.
  const costs = sums[8] as Float64Array;
  const groups = new Int32Array(groupCount);
  let count = 0;
  for (let group = 1; group <= groupCount; group += 1) {
    if (costs[group] !== 0 || sums.some((column) => column[group] !== 0)) groups[count++] = group;
  }
  return {
    groups: groups.subarray(0, count),
    costs,
    keyOf,
    sumsOf: (group) => groupSums(keyOf(group), sums, group, firstAt[group], lastAt[group]),
    totalOf: (some) => {
      const totals = sums.map((column) => Float64Array.of(sumOf(column, some)));
      const [first, last] = [leastOf(firstAt, some), mostOf(lastAt, some)];
      const { key: _, ...total } = groupSums([], totals, 0, first, last);
      return total;
    },
  };
}

/** One place of the columns as sums. Field by field: there may be a hundred thousand of them to print. */
function groupSums(
  key: Value[],
  columns: readonly Float64Array[],
  at: number,
  firstAt: number | undefined,
  lastAt: number | undefined,
): GroupSums {
  const of = (column: number): number => (columns[column] as Float64Array)[at] as number;
  return {
    key,
    requestCount: of(0),
    unknownCount: of(1),
    usage: {
      inputTokens: of(2),
      outputTokens: of(3),
      cacheReadTokens: of(4),
      cacheWrite5mTokens: of(5),
      cacheWrite1hTokens: of(6),
      webSearchCount: of(7),
    },
    costNanoUsd: of(8),
    firstAt: firstAt as number,
    lastAt: lastAt as number,
  };
}

function sumOf(column: Float64Array, groups: Int32Array): number {
  let sum = 0;
  for (let at = 0; at < groups.length; at += 1) sum += column[groups[at] as number] as number;
  return sum;
}

function leastOf(column: Float64Array, groups: Int32Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < groups.length; at += 1) {
    const value = column[groups[at] as number] as number;
    if (value < least) least = value;
  }
  return least;
}

function mostOf(column: Float64Array, groups: Int32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < groups.length; at += 1) {
    const value = column[groups[at] as number] as number;
    if (value > most) most = value;
  }
  return most;
}
