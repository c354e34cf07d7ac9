// `tollgate status`: what sessions have spent, and how far their budgets still go.
// Rule: it reads the transcripts' newest lines first, so that the figures are of this moment.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import type { ToldFinding } from '../../doctor/findings.ts';
import { toPerson } from '../../domain/breach-text.ts';
import { decide } from '../../domain/decide.ts';
import type { Ahead } from '../../domain/explain-ahead.ts';
import { sessionId, shortId } from '../../domain/ids.ts';
import { formatUsd, toUsdNumber } from '../../domain/money.ts';
import { UNBILLED } from '../../domain/plan-window.ts';
import type { Breach, Verdict } from '../../domain/verdict.ts';
import { type GuardLoss, readLosses } from '../../gate/guard-loss.ts';
import { handOffFile, readHandOff } from '../../gate/hand-off.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { readPlanBudgets } from '../../gate/plan-budgets.ts';
import type { BudgetProjection } from '../../gate/project-budget.ts';
import { readSessionStatus, type SessionStatus } from '../../gate/session-status.ts';
import { ingestNewLines } from '../../ingest/ingest-new-lines.ts';
import { repriceRequests } from '../../ingest/reprice.ts';
import { hostTotalOf, settle } from '../../ingest/settle.ts';
import { plural } from '../../reports/formats/figures.ts';
import { printable } from '../../reports/formats/width.ts';
import type { SessionRecord, SessionTotals, Store } from '../../stores/store.ts';
import { pricerFor } from '../../wire.ts';
import { budgetJson, budgetLine } from '../budget-line.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, matchingSessions, withLedger } from '../context.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { agoOf, guardLossFacts, guardLossText } from '../guard-loss-text.ts';
import { printJson } from '../print-json.ts';
import { quickFindings, tellFindings } from '../quick-findings.ts';
import { configInForceAt, requireConfig } from '../read-config.ts';
import { sessionName, titleOf } from '../session-name.ts';
import { TEAM_OPTION } from '../team/reading.ts';
import { fitLines } from '../wrap-text.ts';

/** As many as people take in at a glance; scripts get more. */
const SHOWN_COUNT = { text: 10, json: 100 };

export function describe(command: Command): void {
  command
    .option('--session <id>', 'only this session (the beginning of its id is enough)')
    .option(
      '--all',
      `every session, not only the ${SHOWN_COUNT.text} newest (${SHOWN_COUNT.json} with --json)`,
    )
    .option(...TEAM_OPTION)
    .option('--check', 'exit with 1 when a session shown is halted')
    .option('--json', 'print JSON (schema tollgate/status@1)')
    .addHelpText(
      'after',
      '\nExamples:\n  tollgate status\n  tollgate status --session 9f2c --json\n  tollgate status --team',
    );
}

/** One session with everything that is said about it. */
interface Shown {
  readonly session: SessionRecord;
  readonly totals: SessionTotals;
  readonly budgets: readonly BudgetProjection[];
  /** The one that has the least left; `null` where none has a ceiling. */
  readonly tightest: BudgetProjection | null;
  readonly plans: SessionStatus['plans'];
  readonly isListPrice: boolean;
  readonly verdict: Verdict;
  readonly haltedAt: number | null;
  readonly driftNanoUsd: number | null;
  /** Claude Code writes no transcript, so that the session's spend cannot be seen. */
  readonly isUnseen: boolean;
  /** Lines of its transcripts that may have used tokens and could not be read. */
  readonly unusableCount: number;
  /** The file of the note it left when its budget ended it; `null` when there is none. */
  readonly handOff: string | null;
  /** When its guard was off last; `null`: never, as far as is known. */
  readonly guardLoss: GuardLoss | null;
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  if (options.team)
    return (await import('../team/status.ts')).status({ words: [], options, context });
  const config = requireConfig(context);
  const { shown, planBudgets } = hasLedger(context)
    ? await withLedger(context, config, (store, deps) => readAll(store, deps, options, context))
    : NOTHING;
  const problems = await quickFindings(context);
  tellFindings(problems, context);
  if (options.json) printJson(toJson(shown, planBudgets, problems), context);
  else printText(shown, planBudgets, options, context);
  const isHalted = shown.some(({ haltedAt }) => haltedAt !== null);
  return options.check && isHalted ? FINDINGS : FINE;
}

interface Everything {
  readonly shown: readonly Shown[];
  /** The plan's budgets that none of them has; empty where one session is asked for. */
  readonly planBudgets: readonly BudgetProjection[];
}

const NOTHING: Everything = { shown: [], planBudgets: [] };

function readAll(
  store: Store,
  deps: EventDeps,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Everything {
  const limit = SHOWN_COUNT[options.json ? 'json' : 'text'];
  const isLimited = !options.session && !options.all;
  const sessions = matchingSessions(
    store.readSessions(isLimited ? { limit } : {}),
    options.session,
  );
  const configs = new Map<string, Config>();
  const shown = sessions.map((session) => {
    const folder = session.cwd ?? context.cwd;
    const config = configs.get(folder) ?? configInForceAt(folder, store, context).config;
    configs.set(folder, config);
    const pricer = pricerFor(config);
    return readOne(session, store, { ...deps, config, labels: config, pricer }, context.now);
  });
  const planBudgets = options.session
    ? []
    : store.immediately(() => readPlanBudgets(shown, deps, context.now));
  return { shown, planBudgets };
}

function readOne(known: SessionRecord, store: Store, deps: EventDeps, now: number): Shown {
  return store.immediately(() => {
    const { unusableCount } = ingestNewLines(known, deps, now);
    repriceRequests(known.sessionId, store, () => deps.pricer, now);
    settle(known.sessionId, store, deps, now);
    const session = store.readSession(known.sessionId) ?? known;
    const sessionStatus = readSessionStatus(session, deps, now);
    const { budgets, tightest, haltRecord, totals, plans } = sessionStatus;
    const budgetStatuses = budgets.map(({ budgetStatus }) => budgetStatus);
    const hostTotal = hostTotalOf(session, deps.pricer);
    const { verdict } = decide({
      now,
      sessionId: sessionId(session.sessionId),
      // What was announced before still holds: status says how things are, not what is new.
      budgetStatuses: budgetStatuses.map((budgetStatus) => ({ ...budgetStatus, announced: [] })),
      forecastNanoUsd: 0,
      haltRecord,
      unknownModel: null,
      spawn: null,
    });
    const isHalted = haltRecord !== null && verdict.kind === 'halt';
    return {
      session,
      totals,
      budgets,
      tightest,
      plans,
      isListPrice: sessionStatus.isListPrice === true,
      verdict,
      haltedAt: isHalted ? haltRecord.haltedAt : null,
      handOff:
        readHandOff(deps.stateHome, session.sessionId) === null
          ? null
          : handOffFile(deps.stateHome, session.sessionId),
      unusableCount,
      guardLoss:
        readLosses(deps.stateHome).find(({ sessionId: id }) => id === session.sessionId) ?? null,
      isUnseen:
        totals.requestCount === 0 &&
        session.transcriptPath !== null &&
        !existsSync(session.transcriptPath),
      driftNanoUsd:
        hostTotal === null || session.hostTotalUntil !== null
          ? null
          : totals.costNanoUsd + session.inheritedNanoUsd - hostTotal,
    };
  });
}

function toJson(
  shown: readonly Shown[],
  planBudgets: readonly BudgetProjection[],
  problems: readonly ToldFinding[],
) {
  return {
    schema: 'tollgate/status@1',
    problems: problems.map(({ code, severity, message }) => ({ code, severity, message })),
    sessions: shown.map(
      ({
        session,
        totals,
        budgets,
        plans,
        isListPrice,
        verdict,
        haltedAt,
        handOff,
        driftNanoUsd,
        isUnseen,
        unusableCount,
        guardLoss,
      }) => ({
        sessionId: session.sessionId,
        title: titleOf(session),
        repository: session.repository,
        branch: session.branch,
        developer: session.developer,
        startedAt: session.startedAt,
        lastSeenAt: session.lastSeenAt,
        parentSessionId: session.parentSessionId,
        requestCount: totals.requestCount,
        costNanoUsd: totals.costNanoUsd,
        costUsd: toUsdNumber(totals.costNanoUsd),
        inheritedNanoUsd: session.inheritedNanoUsd,
        usage: totals.usage,
        provenance: totals.provenance,
        driftNanoUsd,
        isUnseen,
        unusableLineCount: unusableCount,
        models: totals.models,
        budgets: budgets.map(budgetJson),
        ...(isListPrice && { billing: 'plan' }),
        ...(plans.length > 0 && { plans }),
        verdict,
        haltedAt,
        handOff,
        guardLost: guardLossFacts(guardLoss),
      }),
    ),
    ...(planBudgets.length > 0 && { budgets: planBudgets.map(budgetJson) }),
  };
}

function printText(
  all: readonly Shown[],
  planBudgets: readonly BudgetProjection[],
  { session, all: showsAll }: Readonly<Record<string, unknown>>,
  context: CliContext,
): void {
  const isNamed = session !== undefined || showsAll === true;
  const shown = all.filter((each) => isNamed || hasSomethingToTell(each));
  if (shown.length === 0) {
    context.print(
      all.length === 0
        ? 'No session has been seen yet. Work with Claude Code in a repository with Tollgate in it.\n'
        : 'No session has made a request yet.\n',
    );
  }
  const parts = shown.map((each) => linesOf(each, context));
  if (planBudgets.length > 0) {
    const lines = planBudgets.map((each) => `  ${budgetLine(each, false, context.now)}`);
    parts.push(['Budgets of the plan', ...lines]);
  }
  const lines = parts.flatMap((part, index) => [...(index > 0 ? [''] : []), ...part]);
  if (lines.length > 0) context.print(fitLines(lines, context));
}

/** A session that was only opened is not worth a line. */
const hasSomethingToTell = (shown: Shown): boolean =>
  shown.totals.requestCount > 0 ||
  shown.haltedAt !== null ||
  shown.guardLoss !== null ||
  shown.isUnseen ||
  shown.unusableCount > 0;

function linesOf(shown: Shown, context: CliContext): string[] {
  const { session, totals, budgets, verdict, handOff, driftNanoUsd, isUnseen } = shown;
  const { unusableCount, guardLoss, tightest, haltedAt } = shown;
  const where = [session.repository, session.branch].filter(Boolean).join(' @ ');
  const inherited = session.inheritedNanoUsd
    ? `, and ${formatUsd(session.inheritedNanoUsd)} inherited from ${shortId(session.parentSessionId ?? '')}`
    : '';
  const unknown = totals.models.filter((each) => each.unknownModel).map((each) => each.model);
  const hasDrift = driftNanoUsd !== null && Math.abs(driftNanoUsd) > 1_000;
  const breach = verdict.kind === 'halt' ? verdict.breaches[0] : undefined;
  const lines = [
    sessionName(session),
    `  ${printable(where || '(no repository)')}, ${agoOf(context.now - session.lastSeenAt)}`,
    `  spent ${formatUsd(totals.costNanoUsd)} in ${plural(totals.requestCount, 'request')}${shown.isListPrice ? ` (${UNBILLED})` : ''}${inherited}${provenanceOf(totals)}`,
    unknown.length > 0 &&
      `  no price is known for ${unknown.join(', ')}: priced as the most expensive model of its family`,
    guardLoss !== null && `  GUARD LOST: ${guardLossText(guardLoss, context.now)}`,
    isUnseen && '  NOT SEEN: Claude Code writes no transcript of it (--no-session-persistence?)',
    unusableCount > 0 &&
      `  NOT SEEN IN FULL: ${plural(unusableCount, 'line')} of its transcript may have used tokens and could not be read`,
    hasDrift && `  differs from Claude Code's own total by ${formatUsd(driftNanoUsd)}`,
    ...budgets.map((each) => {
      const isFirst = each === tightest && haltedAt === null;
      return `  ${budgetLine(each, isFirst, context.now)}`;
    }),
    ...(breach
      ? haltLines(toPerson(breach, session.sessionId, aheadOf(breach, shown, context)))
      : []),
    handOff !== null && `  where it stood: ${handOff}`,
  ];
  return lines.filter((line) => typeof line === 'string');
}

/** What is ahead under the budget that halted it. */
function aheadOf(breach: Breach, { budgets }: Shown, { now }: CliContext): Ahead | null {
  const id = 'budgetId' in breach ? breach.budgetId : null;
  const found = budgets.find(({ budgetStatus }) => budgetStatus.budget.id === id);
  return found === undefined ? null : { ...found, now };
}

/** A halt, and each thing that helps on a line of its own, to be copied whole. */
const haltLines = (halt: string): string[] =>
  halt
    .replace(/^Tollgate (?:(?:keeps this session halted|halted this session):? )?/, '  HALTED: ')
    .replace(' To go on: ', '\n  to go on: ')
    .replace(', or in a terminal: ', '\n  or: ')
    .split('\n');

function provenanceOf({ provenance }: SessionTotals): string {
  const parts = [
    provenance.settledNanoUsd
      ? `${formatUsd(provenance.settledNanoUsd)} settled with Claude Code's total`
      : '',
    provenance.estimatedNanoUsd ? `${formatUsd(provenance.estimatedNanoUsd)} estimated` : '',
  ].filter(Boolean);
  return parts.length > 0 ? ` (of it ${parts.join(', ')})` : '';
}
