// A report of one unit of time and one other group, as series for a chart. Rule: what is shown is what the rows say; groups that are not
// shown by themselves are one series at the end.
import type { ReportData } from '../data.ts';

export interface Series {
  readonly name: string;
  /** Nano-dollars, one for each bucket. */
  readonly values: readonly number[];
  readonly totalNanoUsd: number;
}

export interface Stacks {
  /** Keys of the unit of time, as the report writes them, in order. */
  readonly buckets: readonly string[];
  readonly series: readonly Series[];
}

export const OTHERS = 'all others';
/** As many as people tell apart by colour. */
const MAX_SERIES = 8;

/** The most expensive groups first; `group` `null`: one series of all. */
export function stacksOf({ rows, by }: ReportData, group: string | null): Stacks {
  const unit = by[0] ?? 'day';
  const buckets = [...new Set(rows.map(({ key }) => key[unit] ?? ''))];
  const places = new Map(buckets.map((bucket, place) => [bucket, place]));
  const found = new Map<string, number[]>();
  for (const { key, costNanoUsd } of rows) {
    const name = group === null ? 'spend' : (key[group] ?? '');
    const values = found.get(name) ?? buckets.map(() => 0);
    const place = places.get(key[unit] ?? '') ?? 0;
    values[place] = (values[place] ?? 0) + costNanoUsd;
    found.set(name, values);
  }
  const all = [...found].map(([name, values]) => ({ name, values, totalNanoUsd: sum(values) }));
  all.sort((a, b) => b.totalNanoUsd - a.totalNanoUsd);
  const shown = all.slice(0, all.length > MAX_SERIES ? MAX_SERIES - 1 : MAX_SERIES);
  const rest = all.slice(shown.length);
  if (rest.length === 0) return { buckets, series: shown };
  const values = buckets.map((_, place) => sum(rest.map((each) => each.values[place] ?? 0)));
  return { buckets, series: [...shown, { name: OTHERS, values, totalNanoUsd: sum(values) }] };
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
