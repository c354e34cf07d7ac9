// From `--where key=value` to conditions. Rule: several values of one key are alternatives, several keys must
// all hold, and a name for "nobody knows" means exactly that.

import type { SumCondition } from '../domain/sums.ts';
import { ToolError } from '../errors.ts';
import { UNATTRIBUTED } from './report.ts';
import { findReport, REPORTS } from './reports.ts';

/** Parses `branch=feat/*`, `client=(unattributed)`, `label:team=core`. Throws `ToolError`. */
export function parseWhere(words: readonly string[]): readonly SumCondition[] {
  const found = new Map<SumCondition['key'], (string | null)[]>();
  for (const word of words) {
    const cut = word.indexOf('=');
    const report = cut > 0 ? findReport(word.slice(0, cut).trim()) : null;
    if (!report?.filters) throw unreadable(word);
    const value = word.slice(cut + 1);
    const isNobody = value === '' || value === UNATTRIBUTED || value === report.nullName;
    const patterns = found.get(report.filters) ?? [];
    patterns.push(isNobody ? null : value);
    found.set(report.filters, patterns);
  }
  return [...found].map(([key, patterns]) => ({ key, patterns }));
}

function unreadable(word: string): ToolError {
  const names = REPORTS.filter(({ filters }) => filters).map(({ name }) => name);
  return new ToolError({
    code: 'WHERE_UNREADABLE',
    message: `--where ${word} names nothing to look for`,
    hint: `write key=value (* stands for anything); keys: ${names.join(', ')}, label:<key>`,
  });
}
