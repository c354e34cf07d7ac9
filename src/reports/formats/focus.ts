// Reports for FinOps tools: FOCUS 1.2 (FinOps Open Cost and Usage Specification, focus.finops.org, read
// 2026-11-21). Rule: only columns that can be filled truthfully. BilledCost, InvoiceId and the billing account
// are not among them: they must equal an invoice, and Tollgate has seen none.
import { exactUsd } from '../../domain/money.ts';
import { UNBILLED } from '../../domain/plan-window.ts';
import type { EpochMs, Window } from '../../domain/time.ts';
import { promptTokens } from '../../domain/usage.ts';
import { parseLabels } from '../free-label.ts';
import { labelReport } from '../label-reports.ts';
import { type Report, UNATTRIBUTED } from '../report.ts';
import { findReport } from '../reports.ts';
import type { TableRow } from '../table.ts';
import { textCell, toCsv } from './csv.ts';
import type { Format } from './format.ts';

/** Groups that every charge is divided by; a model or a day must never be mixed into one charge. */
const ALWAYS = [
  'model',
  'provenance',
  'repository',
  'branch',
  'developer',
  'client',
  'costCentre',
  'ticket',
  'pr',
];
const FREE_LABELS = labelReport('labels', 'labels', 'Labels');

type Cell = (line: Line) => string;

/** A row with its groups by name; `null` is not known. */
interface Line {
  readonly row: TableRow;
  readonly isListPrice: boolean;
  readonly group: (name: string) => string | null;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
}

const COLUMNS: readonly (readonly [string, Cell])[] = [
  ['BillingCurrency', () => 'USD'],
  ['ChargeCategory', () => 'Usage'],
  ['ChargeClass', () => ''],
  ['ChargeDescription', (line) => textCell(describe(line))],
  ['ChargeFrequency', () => 'Usage-Based'],
  ['ChargePeriodEnd', ({ endAt }) => instantText(endAt)],
  ['ChargePeriodStart', ({ startAt }) => instantText(startAt)],
  ['ConsumedQuantity', ({ row }) => String(promptTokens(row.usage) + row.usage.outputTokens)],
  ['ConsumedUnit', () => 'Tokens'],
  ['EffectiveCost', ({ row }) => exactUsd(row.costNanoUsd)],
  ['PublisherName', ({ group }) => (/claude/i.test(group('model') ?? '') ? 'Anthropic' : '')],
  ['ResourceId', ({ group }) => textCell(group('session') ?? '')],
  ['ResourceType', ({ group }) => (group('session') === null ? '' : 'Session')],
  ['ServiceCategory', () => 'AI and Machine Learning'],
  ['ServiceName', () => 'Claude'],
  ['ServiceSubcategory', () => 'Generative AI'],
  ['Tags', ({ group }) => textCell(tagsOf(group))],
  ['x_CacheReadTokens', ({ row }) => String(row.usage.cacheReadTokens)],
  ['x_CacheWrite1hTokens', ({ row }) => String(row.usage.cacheWrite1hTokens)],
  ['x_CacheWrite5mTokens', ({ row }) => String(row.usage.cacheWrite5mTokens)],
  ['x_CostNanoUsd', ({ row }) => String(row.costNanoUsd)],
  ['x_InputTokens', ({ row }) => String(row.usage.inputTokens)],
  ['x_Model', ({ group }) => textCell(group('model') ?? '')],
  ['x_OutputTokens', ({ row }) => String(row.usage.outputTokens)],
  ['x_Provenance', ({ group }) => textCell(group('provenance') ?? '')],
  ['x_RequestCount', ({ row }) => String(row.requestCount)],
  ['x_WebSearchCount', ({ row }) => String(row.usage.webSearchCount)],
];

export const focusFormat: Format = {
  name: 'focus',
  takesAnyGroups: true,
  summary: 'CSV with the columns of FOCUS 1.2, a line per day, model and owner',
  groupsFor: (asked) => {
    const time = asked.find(({ windowOf }) => windowOf) ?? findReport('day');
    const always = ALWAYS.map((name) => findReport(name));
    const all = [time, ...asked, ...always, FREE_LABELS].filter(
      (each) => each !== null && each !== undefined,
    );
    return all.filter(
      (report, index) => all.findIndex(({ name }) => name === report.name) === index,
    );
  },
  print: ({ by, rows, zone, isListPrice = false }) => {
    const indexes = new Map(by.map(({ name }, index) => [name, index]));
    const windows = new Map<string, Window | null>();
    const windowOf = (group: string, report: Report) => {
      let window = windows.get(group);
      if (window === undefined) {
        window = report.windowOf?.(group, zone) ?? null;
        windows.set(group, window);
      }
      return window;
    };
    // Line by line into one text: a year has more cells than should be kept at once.
    let text = toCsv([COLUMNS.map(([name]) => name)]);
    for (const row of rows) {
      const line = { ...lineOf(row, by, indexes, windowOf), isListPrice };
      for (const [index, [, cell]] of COLUMNS.entries()) {
        text += index === 0 ? cell(line) : `,${cell(line)}`;
      }
      text += '\r\n';
    }
    return text;
  },
};

function lineOf(
  row: TableRow,
  by: readonly Report[],
  indexes: ReadonlyMap<string, number>,
  windowOf: (group: string, report: Report) => Window | null,
): Omit<Line, 'isListPrice'> {
  const at = by.findIndex(({ windowOf: own }) => own);
  const time = by[at];
  const window = time ? windowOf(row.key[at] ?? '', time) : null;
  return {
    row,
    startAt: window?.startAt ?? row.firstAt,
    endAt: window?.endAt ?? row.lastAt + 1,
    group: (name) => {
      const value = row.key[indexes.get(name) ?? -1];
      return value === undefined || value === UNATTRIBUTED ? null : value;
    },
  };
}

function describe({ group, isListPrice }: Line): string {
  const [model, provenance] = [group('model'), group('provenance')];
  const unbilled = isListPrice ? ` (${UNBILLED})` : '';
  if (provenance === 'client-settled') return `Settled with the client's own total${unbilled}`;
  const what = model === null ? 'Model usage' : `${model} usage`;
  return `${what}${provenance === 'estimated' ? ' (estimated)' : ''}${unbilled}`;
}

/** FOCUS wants a JSON object; what is unknown is left out. */
function tagsOf(group: Line['group']): string {
  const named = ALWAYS.slice(2).map((name) => [name, group(name)] as const);
  const free = [...parseLabels(group('labels'))].map(
    ([key, value]) => [`label/${key}`, value] as const,
  );
  return JSON.stringify(
    Object.fromEntries([...named, ...free].filter(([, value]) => value !== null)),
  );
}

/** Whole seconds in UTC, as FOCUS writes instants. */
function instantText(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, -5)}Z`;
}
