// From sums to the rows of a report. Rule: pure; rows, others and total are sums of the same entries, so they
// add up to the nano-dollar however they are divided.

import {
  addSums,
  type GroupSums,
  NO_SUMS,
  type SumKey,
  type Sums,
  type ZoneDays,
} from '../domain/aggregates.ts';
import type { EpochMs, Window } from '../domain/time.ts';
import { NO_USAGE, type Usage } from '../domain/usage.ts';
import { type Report, UNATTRIBUTED } from './report.ts';

/** One row: its groups in the order of `Table.by`, its sums, and its models when they were asked for. */
export interface TableRow extends Sums {
  readonly key: readonly string[];
  /** Empty unless there is a breakdown; the dearest first. */
  readonly models: readonly (Sums & { readonly model: string })[];
}

/** A finished report. */
export interface Table {
  readonly by: readonly Report[];
  readonly rows: readonly TableRow[];
  /** What is not shown by itself; `null` when everything is. */
  readonly others: Others | null;
  readonly total: Sums;
  /** What was asked for; open ends are infinite. */
  readonly window: Window;
  readonly zone: ZoneDays;
  readonly madeAt: EpochMs;
  readonly isListPrice?: true;
}

/** Groups of the first report that are shown as one. */
export interface Others extends Sums {
  readonly groupCount: number;
  /** They come before everything that is shown; else they are the least dear. */
  readonly areEarlier: boolean;
  /** Nobody asked for it: there were more than a person reads. */
  readonly isByDefault: boolean;
}

export interface TableRequest {
  readonly by: readonly Report[];
  /** Whether rows tell their models. */
  readonly breakdown: boolean;
  /** How many groups of the first report to show, the dearest; `null`: all, or as many as a person reads. */
  readonly top: number | null;
  /** Rows that a person reads: of more, the dearest, or of a report in order of time the latest; `null`: all. */
  readonly mostRows: number | null;
  readonly window: Window;
  readonly zone: ZoneDays;
  readonly madeAt: EpochMs;
  /** Dollars are list prices that a plan covers. */
  readonly isListPrice?: true;
}

/** What the ledger must be asked for. */
export function sumKeysOf({ by, breakdown }: Pick<TableRequest, 'by' | 'breakdown'>): SumKey[] {
  return [
    ...new Set([...by.flatMap(({ reads }) => reads), ...(breakdown ? ['model' as const] : [])]),
  ];
}

const SEPARATOR = '\u0000';
export const NO_MODELS: TableRow['models'] = [];

/** Divides sums (grouped by `sumKeysOf`) into rows. `past` is what reports with `needsPast` must know, too. */
export function buildTable(
  sums: readonly GroupSums[],
  request: TableRequest,
  past: readonly GroupSums[] = [],
): Table {
  const keys = sumKeysOf(request);
  const at = new Map(keys.map((key, index) => [key, index]));
  const frame = {
    zone: request.zone,
    sums: past.length > 0 ? past : sums,
    read: (sum: GroupSums, key: SumKey) => sum.key[at.get(key) ?? -1] ?? null,
  };
  const groupers = request.by.map((report) => report.groups(frame));
  const rows = new Map<string, Group>();
  const total = adder();
  for (const sum of sums) {
    total.add(sum);
    const key = groupers.map((group) => group(sum));
    const id = key.length === 1 ? (key[0] ?? '') : key.join(SEPARATOR);
    const row = rows.get(id);
    if (row) addTo(row, sum);
    else rows.set(id, { key, only: sum, sums: null, models: new Map() });
    if (!request.breakdown) continue;
    const models = rows.get(id)?.models as Map<string, Sums>;
    const model = String(frame.read(sum, 'model') ?? UNATTRIBUTED);
    models.set(model, addSums(models.get(model) ?? NO_SUMS, sum));
  }
  const all = [...rows.values()].map(({ key, only, sums: own, models }): TableRow => {
    const { requestCount, unknownCount, costNanoUsd, usage, firstAt, lastAt } = own?.sums() ?? only;
    const told = models.size > 0 ? byCost(models) : NO_MODELS;
    return { key, requestCount, unknownCount, costNanoUsd, usage, firstAt, lastAt, models: told };
  });
  return { ...request, total: total.sums(), ...shownOf(sortRows(all, request.by), request) };
}

/** A row in the making; most groups of a large report are one sum, which is then taken as it is. */
interface Group {
  readonly key: readonly string[];
  readonly only: Sums;
  sums: Adder | null;
  readonly models: Map<string, Sums>;
}

function addTo(group: Group, sum: Sums): void {
  if (group.sums === null) {
    group.sums = adder();
    group.sums.add(group.only);
  }
  group.sums.add(sum);
}

interface Adder {
  readonly add: (sums: Sums) => void;
  readonly sums: () => Sums;
}

/** Adds up without making an object for every step. */
function adder(): Adder {
  const usage: { -readonly [K in keyof Usage]: Usage[K] } = { ...NO_USAGE };
  const all: { -readonly [K in keyof Sums]: Sums[K] } = { ...NO_SUMS, usage };
  return {
    add: (sums) => {
      all.requestCount += sums.requestCount;
      all.unknownCount += sums.unknownCount;
      all.costNanoUsd += sums.costNanoUsd;
      usage.inputTokens += sums.usage.inputTokens;
      usage.outputTokens += sums.usage.outputTokens;
      usage.cacheReadTokens += sums.usage.cacheReadTokens;
      usage.cacheWrite5mTokens += sums.usage.cacheWrite5mTokens;
      usage.cacheWrite1hTokens += sums.usage.cacheWrite1hTokens;
      usage.webSearchCount += sums.usage.webSearchCount;
      if (sums.firstAt < all.firstAt) all.firstAt = sums.firstAt;
      if (sums.lastAt > all.lastAt) all.lastAt = sums.lastAt;
    },
    sums: () => all,
  };
}

function byCost(models: ReadonlyMap<string, Sums>): TableRow['models'] {
  return [...models]
    .map(([model, sums]) => ({ model, ...sums }))
    .sort((a, b) => b.costNanoUsd - a.costNanoUsd || compare(a.model, b.model));
}

function sortRows(rows: readonly TableRow[], by: readonly Report[]): TableRow[] {
  if (by.length === 1) {
    const group = ({ key }: TableRow) => key[0] ?? '';
    return by[0]?.order === 'cost'
      ? rows.toSorted((a, b) => b.costNanoUsd - a.costNanoUsd || compare(group(a), group(b)))
      : rows.toSorted((a, b) => compare(group(a), group(b)));
  }
  // A group of the first report is as dear as all its rows together.
  const costs = by.map((_, index) => (index < by.length - 1 ? costsOf(rows, index) : null));
  return [...rows].sort((a, b) => {
    for (const [index, { order }] of by.entries()) {
      const [x, y] = [a.key[index] ?? '', b.key[index] ?? ''];
      if (x === y) continue;
      const isLast = index === by.length - 1;
      const cost = (row: TableRow, group: string) =>
        isLast ? row.costNanoUsd : (costs[index]?.get(group) ?? 0);
      return (order === 'cost' ? cost(b, y) - cost(a, x) : 0) || compare(x, y);
    }
    return 0;
  });
}

function shownOf(
  rows: readonly TableRow[],
  { by, top, mostRows }: TableRequest,
): Pick<Table, 'rows' | 'others'> {
  if (top !== null) return topOf(rows, top, false);
  if (mostRows === null || rows.length <= mostRows) return { rows, others: null };
  const groups = new Set(rows.map(({ key }) => key[0] ?? ''));
  // A group is shown whole or not at all.
  const most = Math.max(1, Math.floor((mostRows * groups.size) / rows.length));
  if (by[0]?.order === 'cost') return topOf(rows, most, true);
  const latest = new Set([...groups].slice(-most));
  return partedAt(rows, latest, { areEarlier: true, isByDefault: true });
}

function topOf(
  rows: readonly TableRow[],
  top: number,
  isByDefault: boolean,
): Pick<Table, 'rows' | 'others'> {
  const costs = costsOf(rows, 0);
  if (costs.size <= top) return { rows, others: null };
  const mostExpensive = [...costs].sort((a, b) => b[1] - a[1] || compare(a[0], b[0])).slice(0, top);
  const shown = new Set(mostExpensive.map(([group]) => group));
  return partedAt(rows, shown, { areEarlier: false, isByDefault });
}

function partedAt(
  rows: readonly TableRow[],
  shown: ReadonlySet<string>,
  why: Pick<Others, 'areEarlier' | 'isByDefault'>,
): Pick<Table, 'rows' | 'others'> {
  const isShown = (row: TableRow) => shown.has(row.key[0] ?? '');
  const hidden = rows.filter((row) => !isShown(row));
  const groupCount = new Set(hidden.map(({ key }) => key[0] ?? '')).size;
  if (groupCount === 0) return { rows, others: null };
  return {
    rows: rows.filter(isShown),
    others: { ...hidden.reduce<Sums>(addSums, NO_SUMS), groupCount, ...why },
  };
}

function costsOf(rows: readonly TableRow[], index: number): Map<string, number> {
  const costs = new Map<string, number>();
  for (const { key, costNanoUsd } of rows) {
    const group = key[index] ?? '';
    costs.set(group, (costs.get(group) ?? 0) + costNanoUsd);
  }
  return costs;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
