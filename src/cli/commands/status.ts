// `tollgate status`: what sessions have spent, and how far their budgets still go.
// Rule: it reads the transcripts' newest lines first, so that the figures are of this moment.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { decide } from '../../domain/decide.ts';
import { toPerson } from '../../domain/explain.ts';
import { sessionId } from '../../domain/ids.ts';
import { formatUsd, toUsdNumber } from '../../domain/money.ts';
import { type BudgetStatus, ceilingOf, headroomOf, spendOf } from '../../domain/spend.ts';
import type { Breach, Verdict } from '../../domain/verdict.ts';
import { currentBudgetContext, readBudgetStatuses } from '../../gate/budget-context.ts';
import { handOffFile, readHandOff } from '../../gate/hand-off.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { readStandingHalts } from '../../gate/standing-halts.ts';
import { ingestNewLines } from '../../ingest/ingest-new-lines.ts';
import { hostTotalOf, settle } from '../../ingest/settle.ts';
import type { SessionRecord, SessionTotals, Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, matchingSessions, withLedger } from '../context.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { readConfig, requireConfig } from '../read-config.ts';

/** As many as people take in at a glance; scripts get more. */
const SHOWN_COUNT = { text: 10, json: 100 };

export function describe(command: Command): void {
  command
    .option('--session <id>', 'only this session (the beginning of its id is enough)')
    .option(
      '--all',
      `every session, not only the ${SHOWN_COUNT.text} newest (${SHOWN_COUNT.json} with --json)`,
    )
    .option('--check', 'exit with 1 when a session shown is halted')
    .option('--json', 'print JSON (schema tollgate/status@1)')
    .addHelpText(
      'after',
      '\nExamples:\n  tollgate status\n  tollgate status --session 9f2c --json',
    );
}

/** One session with everything that is said about it. */
interface Shown {
  readonly session: SessionRecord;
  readonly totals: SessionTotals;
  readonly budgetStatuses: readonly BudgetStatus[];
  readonly verdict: Verdict;
  readonly haltedAt: number | null;
  readonly driftNanoUsd: number | null;
  /** Claude Code writes no transcript, so that the session's spend cannot be seen. */
  readonly isUnseen: boolean;
  /** The file of the note it left when its budget ended it; `null` when there is none. */
  readonly handOff: string | null;
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const config = requireConfig(context);
  const shown = hasLedger(context)
    ? await withLedger(context, config, (store, deps) => readAll(store, deps, options, context))
    : [];
  if (options.json) printJson(toJson(shown), context);
  else printText(shown, context);
  const isHalted = shown.some(({ haltedAt }) => haltedAt !== null);
  return options.check && isHalted ? FINDINGS : FINE;
}

function readAll(
  store: Store,
  deps: EventDeps,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Shown[] {
  const limit = SHOWN_COUNT[options.json ? 'json' : 'text'];
  const isLimited = !options.session && !options.all;
  const sessions = matchingSessions(
    store.readSessions(isLimited ? { limit } : {}),
    options.session,
  );
  const configs = new Map<string, Config>();
  return sessions.map((session) => {
    const folder = session.cwd ?? context.cwd;
    const config = configs.get(folder) ?? readConfig(context, folder).config;
    configs.set(folder, config);
    return readOne(session, store, { ...deps, config, labels: config }, context.now);
  });
}

function readOne(known: SessionRecord, store: Store, deps: EventDeps, now: number): Shown {
  return store.immediately(() => {
    ingestNewLines(known, deps, now);
    settle(known.sessionId, store, deps, now);
    const session = store.readSession(known.sessionId) ?? known;
    const budgetContext = currentBudgetContext(session, deps, now);
    const budgetStatuses = readBudgetStatuses(budgetContext, session, deps);
    const { budgets } = deps.config;
    const { haltRecord } = readStandingHalts(
      { budgetContext, budgetStatuses, budgets, isNewTurn: false },
      store,
    );
    const totals = store.readSessionTotals(session.sessionId);
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
      budgetStatuses,
      verdict: isHalted ? { kind: 'halt', breaches: [haltOf(haltRecord.code, verdict)] } : verdict,
      haltedAt: isHalted ? haltRecord.haltedAt : null,
      handOff:
        readHandOff(deps.stateHome, session.sessionId) === null
          ? null
          : handOffFile(deps.stateHome, session.sessionId),
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

/** A kept halt under the code it was pronounced with. */
function haltOf(code: Breach['code'], verdict: Verdict): Breach {
  const kept = verdict.breaches[0];
  return { ...(kept as Breach), code } as Breach;
}

function toJson(shown: readonly Shown[]) {
  return {
    schema: 'tollgate/status@1',
    sessions: shown.map(
      ({
        session,
        totals,
        budgetStatuses,
        verdict,
        haltedAt,
        handOff,
        driftNanoUsd,
        isUnseen,
      }) => ({
        sessionId: session.sessionId,
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
        models: totals.models,
        budgets: budgetStatuses.map((budgetStatus) => ({
          budgetId: budgetStatus.budget.id,
          period: budgetStatus.budget.period.kind,
          window: budgetStatus.windowLabel,
          mode: budgetStatus.budget.mode,
          announced: budgetStatus.announced,
          softNanoUsd: budgetStatus.budget.softNanoUsd,
          hardNanoUsd: budgetStatus.budget.hardNanoUsd,
          ceilingNanoUsd: ceilingOf(budgetStatus),
          spendNanoUsd: spendOf(budgetStatus),
          headroomNanoUsd: headroomOf(budgetStatus),
        })),
        verdict,
        haltedAt,
        handOff,
      }),
    ),
  };
}

function printText(shown: readonly Shown[], context: CliContext): void {
  if (shown.length === 0) {
    context.print(
      'No session has been seen yet. Work with Claude Code in a repository with Tollgate in it.\n',
    );
    return;
  }
  context.print(shown.map((each) => textOf(each, context)).join('\n'));
}

function textOf(
  { session, totals, budgetStatuses, verdict, handOff, driftNanoUsd, isUnseen }: Shown,
  context: CliContext,
): string {
  const lines: string[] = [];
  const where =
    [session.repository, session.branch].filter(Boolean).join(' @ ') || '(no repository)';
  lines.push(`${session.sessionId}  ${where}  ${agoOf(context.now - session.lastSeenAt)}`);
  const requests = `${totals.requestCount} request${totals.requestCount === 1 ? '' : 's'}`;
  const inherited = session.inheritedNanoUsd
    ? `, and ${formatUsd(session.inheritedNanoUsd)} inherited from ${session.parentSessionId}`
    : '';
  lines.push(
    `  spent ${formatUsd(totals.costNanoUsd)} in ${requests}${inherited}${provenanceOf(totals)}`,
  );
  const unknown = totals.models.filter((each) => each.unknownModel).map((each) => each.model);
  if (unknown.length > 0)
    lines.push(
      `  no price is known for ${unknown.join(', ')}: priced as the most expensive model of its family`,
    );
  if (isUnseen) {
    lines.push('  NOT SEEN  Claude Code writes no transcript of it (--no-session-persistence?)');
  }
  if (driftNanoUsd !== null && Math.abs(driftNanoUsd) > 1_000) {
    lines.push(`  differs from Claude Code's own total by ${formatUsd(driftNanoUsd)}`);
  }
  for (const budgetStatus of budgetStatuses) lines.push(`  ${budgetLine(budgetStatus)}`);
  if (verdict.kind === 'halt') {
    const breach = verdict.breaches[0];
    if (breach) lines.push(`  HALTED  ${toPerson(breach, session.sessionId)}`);
  }
  if (handOff !== null) lines.push(`  where it stood: ${handOff}`);
  return `${lines.join('\n')}\n`;
}

function provenanceOf({ provenance }: SessionTotals): string {
  const parts = [
    provenance.settledNanoUsd
      ? `${formatUsd(provenance.settledNanoUsd)} settled with Claude Code's total`
      : '',
    provenance.estimatedNanoUsd ? `${formatUsd(provenance.estimatedNanoUsd)} estimated` : '',
  ].filter(Boolean);
  return parts.length > 0 ? ` (of it ${parts.join(', ')})` : '';
}

const BAR_WIDTH = 20;

function budgetLine(budgetStatus: BudgetStatus): string {
  const ceiling = ceilingOf(budgetStatus);
  const spend = spendOf(budgetStatus);
  const name = `${budgetStatus.budget.id} (${budgetStatus.windowLabel})`;
  if (ceiling === null || ceiling <= 0) return `${name}: ${formatUsd(spend)}, no ceiling`;
  const ratio = Math.min(1, spend / ceiling);
  const full = Math.round(ratio * BAR_WIDTH);
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`;
  const granted = budgetStatus.grantedNanoUsd
    ? `, ${formatUsd(budgetStatus.grantedNanoUsd)} of it granted`
    : '';
  const crossed = budgetStatus.announced.includes('hard') ? ': would have halted' : '';
  const mode =
    budgetStatus.budget.mode === 'enforce' ? '' : ` [${budgetStatus.budget.mode} only${crossed}]`;
  return `${bar} ${formatUsd(spend)} of ${formatUsd(ceiling)}${granted}  ${name}${mode}`;
}

function agoOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1_440)} days ago`;
}
