// `tollgate why`: what made a session expensive, and its cost on other models.
// Rule: figures come from the ledger; only what no ledger holds (tool calls) is read from the transcript.

import type { Command } from 'commander';
import { UTC } from '../../domain/aggregates.ts';
import { sessionId } from '../../domain/ids.ts';
import { type NanoUsd, toUsdNumber } from '../../domain/money.ts';
import { ALL_TIME, DAY_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { isOnPlan } from '../../gate/billing.ts';
import { modelsInForce } from '../../pricing/rate-cards.ts';
import { moneyCells, UNBILLED_NOTE } from '../../reports/formats/figures.ts';
import { bold, dim, paintOf } from '../../reports/formats/paint.ts';
import { printable } from '../../reports/formats/width.ts';
import { localText, zoneDays } from '../../reports/local-time.ts';
import type { Causes } from '../../reports/why/causes.ts';
import { explainCauses, percent } from '../../reports/why/text.ts';
import type { ToolHabits } from '../../reports/why/tool-habits.ts';
import { priceElsewhere, type WhatIf } from '../../reports/why/what-if.ts';
import type { ReportReads, SessionRecord } from '../../stores/store.ts';
import { pricerFor } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { findSession, hasLedger, knownSessions, onlySession, withStore } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { causesOf, linesOf } from '../session-causes.ts';
import { sessionName } from '../session-name.ts';
import { numberColumn, table, textColumn } from '../tables.ts';
import { TEAM_OPTION, withTeamReads } from '../team/reading.ts';
import { parseZone } from '../time-zone.ts';
import { wrapText } from '../wrap-text.ts';

const RECENT_DAYS = 7;
/** With fewer sessions a median says nothing. */
const LEAST_SESSIONS = 5;

export function describe(command: Command): void {
  command
    .argument(
      '[session]',
      'the start of its id; default: the most expensive of the last seven days',
    )
    .option('--timezone <zone>', 'times of this IANA zone instead of the configured one')
    .option(...TEAM_OPTION)
    .option('--json', 'print JSON (schema tollgate/why@1)')
    .addHelpText(
      'after',
      '\nExamples:\n  tollgate why\n  tollgate why 9f2c\n  tollgate why 9f2c --json',
    );
}

/** What a session is called, and where it worked. */
type Named = Pick<SessionRecord, 'sessionId' | 'transcriptPath' | 'repository' | 'branch'>;

/** Everything that is said about a session. */
interface Answer {
  readonly session: Named;
  readonly causes: Causes;
  readonly habits: ToolHabits | null;
  readonly medianNanoUsd: NanoUsd | null;
  readonly elsewhere: readonly WhatIf[];
  readonly isListPrice: boolean;
}

export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const config = requireConfig(context);
  const recently = context.now - RECENT_DAYS * DAY_MS;
  const explain = async (
    session: Named,
    reads: ReportReads,
    zone: string,
    isListPrice: boolean,
  ) => {
    const { rates } = pricerFor(config);
    const lines = await reads.readLines(linesOf(session.sessionId, ALL_TIME));
    const found = causesOf(session, lines, rates);
    if (found === null) throw nothingSpent();
    const { causes, habits } = found;
    const elsewhere = priceElsewhere(lines, modelsInForce(context.now), rates);
    const medianNanoUsd = await medianCost(reads);
    const answer = { session, causes, habits, medianNanoUsd, elsewhere, isListPrice };
    if (options.json) printJson(toJson(answer), context);
    else context.print(toText(answer, parseZone(options.timezone, zone), context));
    return FINE;
  };
  if (options.team) {
    return withTeamReads(context, async (team, zone) => {
      const wanted = args[0] ?? (await mostExpensiveSince(team, recently));
      return explain(await teamSession(team, wanted, context), team, zone, false);
    });
  }
  if (!hasLedger(context)) throw nothingSpent();
  return withStore(context, async (store) => {
    const wanted = args[0] ?? (await mostExpensiveSince(store, recently));
    const session = findSession(store, wanted, context);
    return explain(session, store, config.timeZone, isOnPlan(config, store, context.now));
  });
}

/** A session of the team by the beginning of its id; its transcript, where it is one of this machine's. */
async function teamSession(team: ReportReads, wanted: string, context: CliContext): Promise<Named> {
  const by = ['session', 'repository', 'branch'] as const;
  const where = [{ key: 'session' as const, patterns: [`${wanted}*`] }];
  const found = await team.readSums({ by, zone: UTC, window: ALL_TIME, where });
  const id = onlySession(
    found.map(({ key }) => String(key[0])),
    wanted,
  );
  const own = knownSessions(context).find(({ sessionId }) => sessionId === id);
  if (own !== undefined) return own;
  const newest = found.toSorted((a, b) => b.lastAt - a.lastAt)[0]?.key ?? [];
  const label = (at: number) => (newest[at] == null ? null : String(newest[at]));
  return {
    ...{ sessionId: sessionId(id), transcriptPath: null },
    ...{ repository: label(1), branch: label(2) },
  };
}

function nothingSpent(): TollgateError {
  return new TollgateError({
    code: 'NOTHING_SPENT',
    message: 'there is nothing to explain: no request has been recorded',
    hint: 'work with Claude Code in a repository with Tollgate in it, or read older transcripts with tollgate sync',
  });
}

/** The most expensive session since an instant, else of all. */
async function mostExpensiveSince(reads: ReportReads, startAt: number): Promise<string> {
  for (const window of [{ ...ALL_TIME, startAt }, ALL_TIME]) {
    const sums = await reads.readSums({ by: ['session'], zone: UTC, window, where: [] });
    const mostExpensive = sums.toSorted((a, b) => b.costNanoUsd - a.costNanoUsd)[0];
    if (mostExpensive) return String(mostExpensive.key[0]);
  }
  throw nothingSpent();
}

async function medianCost(reads: ReportReads): Promise<NanoUsd | null> {
  const sums = await reads.readSums({ by: ['session'], zone: UTC, window: ALL_TIME, where: [] });
  const costs = sums.map(({ costNanoUsd }) => costNanoUsd).sort((a, b) => a - b);
  return costs.length < LEAST_SESSIONS ? null : (costs[Math.floor(costs.length / 2)] ?? null);
}

function toText(answer: Answer, timeZone: string, context: CliContext): string {
  const { session, causes, habits, medianNanoUsd, elsewhere } = answer;
  const zone = zoneDays(timeZone, { startAt: causes.firstAt, endAt: causes.lastAt });
  const paint = paintOf(context);
  const where = [session.repository, session.branch].filter(Boolean).join(' @ ');
  const clock = (at: number) => localText(zone, at).slice(0, 16).replace('T', ' ');
  const turns = causes.turns.map((turn) => ({ ...turn, name: clock(turn.startedAt) }));
  const [only, ...more] = causes.models;
  const others = elsewhere.filter(({ model }) => more.length > 0 || model !== only?.name);
  return [
    paint(bold)(`Session ${sessionName(session)}`),
    ...(where ? [printable(where)] : []),
    '',
    wrapText(explainCauses(causes, habits, medianNanoUsd), context.columns),
    '',
    ...partTable('Most expensive turns', turns, causes.costNanoUsd, context),
    '',
    ...partTable('Models', causes.models, causes.costNanoUsd, context),
    '',
    ...elsewhereTable(others, context),
    '',
    ...wrapText(
      `The same token counts at other prices; another model would have written more or less.${answer.isListPrice ? ` ${UNBILLED_NOTE}` : ''}`,
      context.columns,
    )
      .split('\n')
      .map(paint(dim)),
    '',
  ].join('\n');
}

function partTable(
  title: string,
  parts: readonly {
    readonly name: string;
    readonly costNanoUsd: NanoUsd;
    readonly requestCount: number;
  }[],
  total: NanoUsd,
  context: CliContext,
): string[] {
  const money = moneyCells(total);
  return table(context, [
    textColumn(
      title,
      parts.map(({ name }) => printable(name)),
    ),
    numberColumn(
      'Cost',
      parts.map(({ costNanoUsd }) => money(costNanoUsd)),
    ),
    numberColumn(
      'Share',
      parts.map(({ costNanoUsd }) => percent(costNanoUsd, total)),
    ),
    numberColumn(
      'Requests',
      parts.map(({ requestCount }) => String(requestCount)),
    ),
  ]);
}

/** Models of the same price share a line. */
function elsewhereTable(elsewhere: readonly WhatIf[], context: CliContext): string[] {
  const byCost = new Map<number, WhatIf[]>();
  for (const each of elsewhere) {
    byCost.set(each.costNanoUsd, [...(byCost.get(each.costNanoUsd) ?? []), each]);
  }
  const lines = [...byCost.values()];
  const money = moneyCells(Math.max(0, ...byCost.keys()));
  return table(context, [
    textColumn(
      'The same on',
      lines.map((models) => models.map(({ model }) => model).join(', ')),
    ),
    numberColumn(
      'Cost',
      lines.map(([first]) => money(first?.costNanoUsd ?? 0)),
    ),
    numberColumn(
      'Of what it was',
      lines.map(([first]) => (first?.ratio == null ? '' : percent(first.ratio, 1))),
    ),
  ]);
}

function toJson({ session, causes, habits, medianNanoUsd, elsewhere, isListPrice }: Answer) {
  const withUsd = <T extends { readonly costNanoUsd: NanoUsd }>(part: T) => ({
    ...part,
    costUsd: toUsdNumber(part.costNanoUsd),
  });
  return {
    schema: 'tollgate/why@1',
    ...(isListPrice && { billing: 'plan' }),
    sessionId: session.sessionId,
    repository: session.repository,
    branch: session.branch,
    text: explainCauses(causes, habits, medianNanoUsd),
    medianNanoUsd,
    ...withUsd(causes),
    models: causes.models.map(withUsd),
    subagents: causes.subagents.map(withUsd),
    turns: causes.turns.map(withUsd),
    toolHabits: habits,
    elsewhere: elsewhere.map(({ paidNanoUsd: _, ...each }) => withUsd(each)),
  };
}
