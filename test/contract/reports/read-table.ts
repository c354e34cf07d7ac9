// Reads a report as `tollgate report` does, once from kept sums and once the long way.
import type { SumQuery } from '../../../src/domain/aggregates.ts';
import type { Window } from '../../../src/domain/time.ts';
import { zoneDays } from '../../../src/reports/local-time.ts';
import type { Report } from '../../../src/reports/report.ts';
import { findReport } from '../../../src/reports/reports.ts';
import { buildTable, sumKeysOf, type Table } from '../../../src/reports/table.ts';
import type { Store } from '../../../src/stores/store.ts';

export const ALWAYS: Window = {
  startAt: Number.NEGATIVE_INFINITY,
  endAt: Number.POSITIVE_INFINITY,
};

export interface Ask {
  readonly by: readonly (string | Report)[];
  readonly timeZone?: string;
  readonly window?: Window;
  readonly where?: SumQuery['where'];
  readonly top?: number;
  readonly breakdown?: boolean;
  /** Whether kept sums are brought up to date first. */
  readonly isFresh?: boolean;
}

function reportsNamed(names: Ask['by']): Report[] {
  return names.map((name) => {
    const report = typeof name === 'string' ? findReport(name) : name;
    if (!report) throw new Error(`no report is called ${name}`);
    return report;
  });
}

export function readTable(store: Store, ask: Ask): Table {
  const span = store.readSpan() ?? { startAt: 0, endAt: 0 };
  const request = {
    by: reportsNamed(ask.by),
    breakdown: ask.breakdown ?? false,
    top: ask.top ?? null,
    mostRows: null,
    window: ask.window ?? ALWAYS,
    zone: zoneDays(ask.timeZone ?? 'UTC', span),
    madeAt: Date.UTC(2026, 10, 21),
  };
  const query = { by: sumKeysOf(request), zone: request.zone, where: ask.where ?? [] };
  const read = (window: Window) => {
    while (ask.isFresh && store.immediately(() => store.refreshSums()) > 0);
    return store.readSums({ ...query, window });
  };
  const needsPast = request.by.some((report) => report.needsPast);
  const past = needsPast ? read({ ...request.window, startAt: Number.NEGATIVE_INFINITY }) : [];
  return buildTable(read(request.window), request, past);
}
