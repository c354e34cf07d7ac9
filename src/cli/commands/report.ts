// `tollgate report`: what was spent, grouped by one or two labels. Rule: it reads sums, never single entries; every
// grouping adds up to the same total.
import type { Command } from 'commander';
import { findGh } from '../../attribution/pull-request-list.ts';
import { NO_SUMS, type SumQuery } from '../../domain/aggregates.ts';
import type { Window } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { isOnPlan } from '../../gate/billing.ts';
import { withResets } from '../../reports/block.ts';
import { parseWhere } from '../../reports/filter.ts';
import type { Format } from '../../reports/formats/format.ts';
import { FORMATS } from '../../reports/formats/formats.ts';
import { zoneDays } from '../../reports/local-time.ts';
import { isRankable, rankedTable } from '../../reports/ranked-table.ts';
import type { Report } from '../../reports/report.ts';
import { REPORTS } from '../../reports/reports.ts';
import { buildTable, sumKeysOf, type TableRequest } from '../../reports/table.ts';
import { parseSpan } from '../../reports/time-range.ts';
import type { ReportReads, Store } from '../../stores/store.ts';
import { transcriptFolders } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, readQuickConfig, withStore } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { gather, textOf, textsOf } from '../options.ts';
import { printRows } from '../print-rows.ts';
import { progressOf } from '../progress.ts';
import { askedReports, parseFormat, parseTop, parseWeekStart } from '../report-options.ts';
import { TEAM_OPTION, withTeamReads } from '../team/reading.ts';
import { parseZone } from '../time-zone.ts';

const EXAMPLES = `
Groups for --by (two make a pivot): ${[...REPORTS.map(({ name }) => name), 'label:<key>'].join(', ')}.

Examples:
  tollgate report                                  this ledger, day by day
  tollgate report --by branch --since 7d           most expensive branches of the last seven days
  tollgate report --by month,client --format csv > clients.csv
  tollgate report --by session --where branch='feat/*' --top 10
  tollgate report --by model --since this-month --json
  tollgate report --by block --since yesterday     five-hour blocks as the provider counts them
  tollgate report --by plan-week,model             weeks of the plan
  tollgate report --format focus --since last-month > focus.csv
  tollgate report --team --by developer --since this-month

Blocks and plan weeks follow the resets that Claude Code has told (see docs/configuration.md). Where it has not, a
block begins with the hour of its first request, and the window is marked "about".

Dates are days of the configured time zone; --until includes the day it names. An unknown label is
shown as (unattributed), and --where developer='(unattributed)' finds it. Tables for people show the
thousand most expensive (or latest) rows of a longer report and say so; --json and CSV print all of them.
For --by pr, branches without a pull request are looked up with gh where it is installed, at most once
an hour; TOLLGATE_GH=off never asks, TOLLGATE_GH=<path> asks another program.`;

export function describe(command: Command): void {
  command
    .allowExcessArguments()
    .option(
      '--by <groups>',
      'what to divide by: one or two of those below, any number with csv and json',
      'day',
    )
    .option(
      '--since <time>',
      'from: 2026-11-01, "21 nov", 7d, "3 hours", yesterday, last-week, this-month, …',
    )
    .option('--until <time>', 'up to and including: the same words')
    .option(
      '--where <key=value>',
      'only what matches; * stands for anything; may be repeated',
      gather,
    )
    .option('--breakdown', 'the models of every row')
    .option('--top <count>', 'show only the most expensive rows, and the others as one')
    .option(
      '--format <format>',
      FORMATS.map(({ name, summary }) => `${name}: ${summary}`).join('; '),
    )
    .option(...TEAM_OPTION)
    .option('--json', 'the same as --format json')
    .option('--week-start <day>', 'the day on which weeks begin', 'monday')
    .option('--timezone <zone>', 'days of this IANA zone instead of the configured one')
    .addHelpText('after', EXAMPLES);
}

export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  if (args.length > 0) {
    throw new TollgateError({
      code: 'WORDS_TOO_MANY',
      message: `tollgate report does not know what to do with ${args.join(' ')}`,
      hint: `write tollgate report --by ${args.join(',')}, or --where for what is to match`,
    });
  }
  const format = parseFormat(options);
  const weekStart = parseWeekStart(String(options.weekStart ?? 'monday'));
  const asked = askedReports(options.by, format, weekStart, context);
  const top = parseTop(options.top);
  const where = parseWhere(textsOf(options.where));
  if (top !== null && format.groupsFor) {
    throw new TollgateError({
      code: 'TOP_UNREADABLE',
      message: `--format ${format.name} lists every charge, and --top would leave some out`,
      hint: 'leave --top out, or narrow it with --where and --since',
    });
  }
  const ask = {
    by: format.groupsFor?.(asked) ?? asked,
    breakdown: Boolean(options.breakdown),
    top,
    mostRows: format.mostRows ?? null,
    madeAt: context.now,
  };
  /** Reads and prints; answers how many rows there are. */
  const print: Print = (reads, zone, more = {}) => {
    const timeZone = parseZone(options.timezone, zone);
    const [since, until] = [textOf(options.since), textOf(options.until)];
    const window = parseSpan(since, until, context.now, timeZone, weekStart);
    return printReport(reads, { ...ask, window, ...more }, where, timeZone, format, context);
  };
  const rowCount = options.team
    ? await withTeamReads(context, print)
    : await printOwn(print, ask.by, where, context);
  if (rowCount === 0) await explainEmpty(options, context);
  return FINE;
}

type Print = (
  reads: ReportReads,
  timeZone: string,
  more?: Partial<Pick<TableRequest, 'by' | 'isListPrice'>>,
) => Promise<number>;

/** Nothing was ever recorded. */
const NOTHING: ReportReads = {
  readSpan: () => null,
  readSums: () => [],
  readRanked: () => ({
    ...{ groupCount: 0, total: NO_SUMS, totalBetween: () => NO_SUMS },
    at: () => ({ key: [], ...NO_SUMS }),
  }),
  readLines: () => [],
};

/** The report of this machine's ledger. */
async function printOwn(
  print: Print,
  by: readonly Report[],
  where: SumQuery['where'],
  context: CliContext,
): Promise<number> {
  const config = await readQuickConfig(context);
  if (!hasLedger(context)) return print(NOTHING, config.timeZone);
  const isOfPullRequests =
    by.some(({ filters }) => filters === 'pullRequest') ||
    where.some(({ key }) => key === 'pullRequest');
  return withStore(context, async (store) => {
    if (isOfPullRequests) await lookUpPullRequests(store, context);
    const progress = progressOf(context);
    refresh(store, progress);
    progress.end();
    return print(store, config.timeZone, {
      by: by.map((each) => withResets(each, store.readPlanEnds)),
      ...(isOnPlan(config, store, context.now) && { isListPrice: true as const }),
    });
  });
}

/** An empty table has a reason, and often a remedy. */
async function explainEmpty(
  { where, team }: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<void> {
  const [first] = textsOf(where);
  if (!team && !hasLedger(context)) {
    context.emit(
      `tollgate: there is no ledger yet; tollgate sync reads what was spent until now (${whereTranscriptsAre(context)})`,
    );
  } else if (first !== undefined) {
    const key = first.slice(0, first.indexOf('='));
    context.emit(
      `tollgate: nothing matches ${first}; tollgate report --by ${key}${team ? ' --team' : ''} lists what there is`,
    );
  } else if (team) {
    context.emit(
      "tollgate: the team's ledger has nothing of that time; machines send what they have with tollgate team sync",
    );
  } else if (await withStore(context, (store) => store.readSpan() === null)) {
    context.emit(
      `tollgate: the ledger is empty; tollgate sync reads ${whereTranscriptsAre(context)}`,
    );
  }
}

/** Where a sync would look. */
const whereTranscriptsAre = ({ env }: CliContext): string =>
  `transcripts below ${transcriptFolders(env).join(', ')}`;

/** Answers how many rows there are. */
async function printReport(
  reads: ReportReads,
  ask: Omit<TableRequest, 'zone'>,
  where: SumQuery['where'],
  timeZone: string,
  format: Format,
  context: CliContext,
): Promise<number> {
  const span = (await reads.readSpan()) ?? { startAt: context.now, endAt: context.now };
  const request: TableRequest = { ...ask, zone: zoneDays(timeZone, span) };
  const query = { by: sumKeysOf(request), zone: request.zone, window: ask.window, where };
  if (isRankable(request)) {
    const order = request.by[0]?.order === 'cost' ? 'cost' : 'key';
    const ranked = await reads.readRanked(query, order);
    if (format.pieces && request.top === null) {
      printRows(ranked, request, format.pieces, context.print);
    } else {
      context.print(format.print(rankedTable(ranked, request), context));
    }
    return ranked.groupCount;
  }
  const read = (window: Window) => reads.readSums({ ...query, window });
  const sums = await read(ask.window);
  const needsPast = Number.isFinite(ask.window.startAt) && ask.by.some((each) => each.needsPast);
  const past = needsPast
    ? await read({ startAt: Number.NEGATIVE_INFINITY, endAt: ask.window.endAt })
    : [];
  const table = buildTable(sums, request, past);
  context.print(format.print(table, context));
  return table.rows.length;
}

/** Asks `gh`, where it is installed, for pull requests of branches that have none in the ledger. */
async function lookUpPullRequests(store: Store, context: CliContext): Promise<void> {
  const gh = findGh(context.env);
  if (gh === null) return;
  const { tellPullRequests } = await import('../pull-requests.ts');
  await tellPullRequests(gh, store, context, true);
}

/** Brings cached sums up to date; a ledger that cannot be written is summed from its entries. */
function refresh(store: Store, progress: ReturnType<typeof progressOf>): void {
  try {
    let total = 0;
    for (;;) {
      const left = store.immediately(() => store.refreshSums());
      total = Math.max(total, left);
      if (left === 0) return;
      progress.emit(`reading new entries for reports, ${left.toLocaleString('en-US')} left`);
    }
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
  }
}
