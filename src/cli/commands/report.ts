// `tollgate report`: what was spent, by whatever one wants to know. Rule: it reads sums, never lines, so that
// it costs what it prints; every way of dividing adds up to the same total.
import type { Command } from 'commander';
import type { RankedSums, SumQuery } from '../../domain/sums.ts';
import type { Window } from '../../domain/time.ts';
import { ToolError } from '../../errors.ts';
import type { Format } from '../../reports/formats/format.ts';
import { FORMATS } from '../../reports/formats/formats.ts';
import { zoneDays } from '../../reports/local-time.ts';
import { isRankable, rankedTable, rowReader } from '../../reports/ranked-table.ts';
import type { Report } from '../../reports/report.ts';
import { findReport, REPORTS } from '../../reports/reports.ts';
import { parseSpan } from '../../reports/span.ts';
import { buildTable, sumKeysOf, type TableRequest } from '../../reports/table.ts';
import { parseWhere } from '../../reports/where.ts';
import type { Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { FINE } from '../exit-code.ts';
import { progressOf } from '../progress.ts';
import { hasLedger, quickConfig, withStore } from '../quick-config.ts';

/** Bytes that wait before they are written. */
const PRINTED_AT_ONCE = 256 * 1024;

const EXAMPLES = `
Groups for --by (two make a pivot):
  ${REPORTS.map(({ name }) => name).join(', ')}, label:<key>

Examples:
  tollgate report                                  this ledger, day by day
  tollgate report --by branch --since 7d           dearest branches of the last seven days
  tollgate report --by month,client --format csv > clients.csv
  tollgate report --by session --where branch='feat/*' --top 10
  tollgate report --by model --since this-month --json
  tollgate report --by block --since yesterday     five-hour blocks as the provider counts them
  tollgate report --format focus --since last-month > focus.csv

Dates are days of the configured time zone; --until includes the day it names. What nobody knows is
shown as (unattributed), and --where developer='(unattributed)' finds it. Tables for people show the
dearest (or latest) thousand rows of a longer report and say so; --json and CSV tell all of them.`;

export function describe(command: Command): void {
  command
    .option('--by <groups>', 'what to divide by, one or two of those below', 'day')
    .option('--since <time>', 'from: 2026-11-01, 2026-11, 7d, 12h, today, yesterday, this-month, …')
    .option('--until <time>', 'up to and including: the same words')
    .option(
      '--where <key=value>',
      'only what matches; * stands for anything; may be repeated',
      gather,
    )
    .option('--breakdown', 'the models of every row')
    .option('--top <count>', 'only the dearest so many rows, the others in one')
    .option(
      '--format <format>',
      FORMATS.map(({ name, summary }) => `${name}: ${summary}`).join('; '),
    )
    .option('--json', 'the same as --format json')
    .option('--timezone <zone>', 'days of this IANA zone instead of the configured one')
    .addHelpText('after', EXAMPLES);
}

function gather(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const format = parseFormat(options);
  const asked = parseBy(String(options.by ?? 'day'));
  const top = parseTop(options.top);
  const where = parseWhere((options.where as readonly string[] | undefined) ?? []);
  if (top !== null && format.groupsFor) {
    throw new ToolError({
      code: 'TOP_UNREADABLE',
      message: `--format ${format.name} tells every charge, and --top would leave some out`,
      hint: 'leave --top out, or narrow it with --where and --since',
    });
  }
  const config = await quickConfig(context);
  const timeZone = parseZone(options.timezone, config.timeZone);
  const window = parseSpan(text(options.since), text(options.until), context.now, timeZone);
  const ask = {
    by: format.groupsFor?.(asked) ?? asked,
    breakdown: Boolean(options.breakdown),
    top,
    mostRows: format.mostRows ?? null,
    window,
    madeAt: context.now,
  };
  if (hasLedger(context)) {
    await withStore(context, (store) => printReport(store, ask, where, timeZone, format, context));
  } else {
    const zone = zoneDays(timeZone, { startAt: context.now, endAt: context.now });
    context.print(format.print(buildTable([], { ...ask, zone }), context));
  }
  return FINE;
}

function printReport(
  store: Store,
  ask: Omit<TableRequest, 'zone'>,
  where: SumQuery['where'],
  timeZone: string,
  format: Format,
  context: CliContext,
): void {
  const span = store.readSpan() ?? { startAt: context.now, endAt: context.now };
  const request: TableRequest = { ...ask, zone: zoneDays(timeZone, span) };
  const query = { by: sumKeysOf(request), zone: request.zone, window: ask.window, where };
  const progress = progressOf(context);
  refresh(store, progress);
  if (isRankable(request)) {
    const order = request.by[0]?.order === 'cost' ? 'cost' : 'key';
    const ranked = store.readRanked(query, order);
    progress.end();
    if (format.pieces && request.top === null) {
      printRows(ranked, request, format.pieces, context.print);
    } else {
      context.print(format.print(rankedTable(ranked, request), context));
    }
    return;
  }
  const read = (window: Window) => store.readSums({ ...query, window });
  const sums = read(ask.window);
  const needsPast = Number.isFinite(ask.window.startAt) && ask.by.some((each) => each.needsPast);
  const past = needsPast
    ? read({ startAt: Number.NEGATIVE_INFINITY, endAt: ask.window.endAt })
    : [];
  progress.end();
  context.print(format.print(buildTable(sums, request, past), context));
}

/** Prints all rows as they are made, some hundred kilobytes at a time. */
function printRows(
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

/** Brings kept sums up to date. A ledger that cannot be written is read the long way. */
function refresh(store: Store, progress: ReturnType<typeof progressOf>): void {
  try {
    let total = 0;
    for (;;) {
      const left = store.immediately(() => store.refreshSums());
      total = Math.max(total, left);
      if (left === 0) return;
      progress.tell(`reading new entries for reports, ${left.toLocaleString('en-US')} left`);
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
}

function parseFormat({ json, format }: Readonly<Record<string, unknown>>): Format {
  const name = String(format ?? (json ? 'json' : 'text')).toLowerCase();
  const found = FORMATS.find((each) => each.name === name);
  if (found) return found;
  throw new ToolError({
    code: 'FORMAT_UNKNOWN',
    message: `--format ${name} is not known`,
    hint: `formats: ${FORMATS.map((each) => each.name).join(', ')}`,
  });
}

function parseBy(words: string): readonly Report[] {
  const found = words.split(',').map((word) => {
    const report = findReport(word.trim());
    if (report) return report;
    throw new ToolError({
      code: 'REPORT_UNKNOWN',
      message: `--by ${word.trim() || '(nothing)'} is not known`,
      hint: `divide by ${REPORTS.map(({ name }) => name).join(', ')} or label:<key>`,
    });
  });
  const [first, second] = found;
  if (found.length <= 2 && first?.name !== second?.name) return found;
  throw new ToolError({
    code: 'REPORT_UNKNOWN',
    message: `--by ${words} is not one thing or two different ones`,
    hint: 'write --by day,model; for more, filter with --where',
  });
}

function parseTop(value: unknown): number | null {
  if (value === undefined) return null;
  const count = Number(value);
  if (Number.isInteger(count) && count > 0) return count;
  throw new ToolError({
    code: 'TOP_UNREADABLE',
    message: `--top ${String(value)} is no count`,
    hint: 'give a whole number above 0, like --top 10',
  });
}

function parseZone(value: unknown, configured: string): string {
  if (typeof value !== 'string') return configured;
  try {
    return (
      new Intl.DateTimeFormat('en-US', { timeZone: value }).resolvedOptions().timeZone && value
    );
  } catch (cause) {
    throw new ToolError({
      code: 'ZONE_UNKNOWN',
      message: `--timezone ${value} is no time zone`,
      hint: 'give an IANA name like Europe/Berlin or UTC',
      cause,
    });
  }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
