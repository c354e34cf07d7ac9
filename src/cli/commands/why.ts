// `tollgate why`: what made a session expensive, and its cost on other models.
// Rule: figures come from the ledger; only what no ledger holds (tool calls) is read from the transcript.
import type { Command } from 'commander';
import { type NanoUsd, toUsdNumber } from '../../domain/money.ts';
import { ALL_TIME, DAY_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { isOnPlan } from '../../gate/billing.ts';
import { modelsInForce } from '../../pricing/rate-cards.ts';
import { moneyCells, UNBILLED_NOTE } from '../../reports/formats/figures.ts';
import { layOut, type TextColumn } from '../../reports/formats/layout.ts';
import { bold, dim, paintOf } from '../../reports/formats/paint.ts';
import { printable } from '../../reports/formats/width.ts';
import { localText, zoneDays } from '../../reports/local-time.ts';
import type { Causes } from '../../reports/why/causes.ts';
import { explainCauses, percent } from '../../reports/why/text.ts';
import type { ToolHabits } from '../../reports/why/tool-habits.ts';
import { priceElsewhere, type WhatIf } from '../../reports/why/what-if.ts';
import type { SessionRecord, Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { findSession, hasLedger, withLedger } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { readSessionCauses } from '../session-causes.ts';
import { sessionName } from '../session-name.ts';
import { parseZone } from '../time-zone.ts';
import { wrapText } from '../wrap-text.ts';

const RECENT_DAYS = 7;
const ZONE = { timeZone: 'UTC', shifts: [{ fromAt: 0, shiftMs: 0 }] };
/** With fewer sessions a median says nothing. */
const LEAST_SESSIONS = 5;

export function describe(command: Command): void {
  command
    .argument(
      '[session]',
      'the start of its id; default: the most expensive of the last seven days',
    )
    .option('--timezone <zone>', 'times of this IANA zone instead of the configured one')
    .option('--json', 'print JSON (schema tollgate/why@1)')
    .addHelpText(
      'after',
      '\nExamples:\n  tollgate why\n  tollgate why 9f2c\n  tollgate why 9f2c --json',
    );
}

/** Everything that is said about a session. */
interface Answer {
  readonly session: SessionRecord;
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
  if (!hasLedger(context)) throw nothingSpent();
  const config = requireConfig(context);
  const timeZone = parseZone(options.timezone, config.timeZone);
  return withLedger(context, config, (store, { pricer }) => {
    const wanted = args[0] ?? mostExpensiveSince(store, context.now - RECENT_DAYS * DAY_MS);
    const session = findSession(store, wanted, context);
    const found = readSessionCauses(session, store, pricer.rates, ALL_TIME);
    if (found === null) throw nothingSpent();
    const { lines, causes, habits } = found;
    const answer: Answer = {
      ...{ session, causes, habits, medianNanoUsd: medianCost(store) },
      elsewhere: priceElsewhere(lines, modelsInForce(context.now), pricer.rates),
      isListPrice: isOnPlan(config, store, context.now),
    };
    if (options.json) printJson(toJson(answer), context);
    else context.print(toText(answer, timeZone, context));
    return FINE;
  });
}

function nothingSpent(): TollgateError {
  return new TollgateError({
    code: 'NOTHING_SPENT',
    message: 'there is nothing to explain: no request has been recorded',
    hint: 'work with Claude Code in a repository with Tollgate in it, or read older transcripts with tollgate sync',
  });
}

/** The most expensive session since an instant, else of all. */
function mostExpensiveSince(store: Store, startAt: number): string {
  for (const window of [{ ...ALL_TIME, startAt }, ALL_TIME]) {
    const sums = store.readSums({ by: ['session'], zone: ZONE, window, where: [] });
    const mostExpensive = sums.toSorted((a, b) => b.costNanoUsd - a.costNanoUsd)[0];
    if (mostExpensive) return String(mostExpensive.key[0]);
  }
  throw nothingSpent();
}

function medianCost(store: Store): NanoUsd | null {
  const sums = store.readSums({ by: ['session'], zone: ZONE, window: ALL_TIME, where: [] });
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

function table(context: CliContext, columns: readonly TextColumn[]): string[] {
  const paint = paintOf(context);
  return layOut(columns, context.columns, { heading: paint(dim), total: paint(bold) });
}

const textColumn = (title: string, cells: readonly string[]): TextColumn => ({
  ...{ title, cells, total: '', align: 'left', weight: 0, canShrink: true },
});
const numberColumn = (title: string, cells: readonly string[]): TextColumn => ({
  ...{ title, cells, total: '', align: 'right', weight: 0, canShrink: false },
});

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
