// From `--where key=value` to conditions. Rule: several values of one key are alternatives, several keys must
// all hold, and a name for "nobody knows" means exactly that.

import type { SumCondition } from '../domain/aggregates.ts';
import { TollgateError } from '../errors.ts';
import { UNATTRIBUTED } from './report.ts';
import { findReport, namesFor, REPORTS } from './reports.ts';

/** Parses `branch=feat/*`, `client=(unattributed)`, `label:team=core`. Throws `TollgateError`. */
export function parseWhere(words: readonly string[]): readonly SumCondition[] {
  const found = new Map<SumCondition['key'], (string | null)[]>();
  for (const word of words) {
    const cut = word.indexOf('=');
    const report = cut > 0 ? findReport(word.slice(0, cut).trim()) : null;
    if (!report?.filters) throw unreadable(word);
    const value = report.isId ? beginning(word.slice(cut + 1)) : word.slice(cut + 1);
    const isNobody = value === '' || value === UNATTRIBUTED || value === report.nullName;
    const patterns = found.get(report.filters) ?? [];
    patterns.push(isNobody ? null : value);
    found.set(report.filters, patterns);
  }
  return [...found].map(([key, patterns]) => ({ key, patterns }));
}

/** Tables show the beginning of an id, so a beginning finds it. */
const beginning = (value: string): string =>
  /^[0-9a-f]{4}[0-9a-f-]{0,31}$/i.test(value) ? `${value}*` : value;

function unreadable(word: string): TollgateError {
  const cut = word.indexOf('=');
  const key = cut === -1 ? word : word.slice(0, cut);
  const names = namesFor(
    key,
    REPORTS.filter(({ filters }) => filters),
  );
  return new TollgateError({
    code: 'WHERE_UNREADABLE',
    message: `--where ${word} names nothing to look for`,
    hint: `write key=value (* stands for anything); keys: ${names}`,
  });
}
