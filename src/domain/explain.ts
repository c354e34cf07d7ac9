// The only wording in the program of what the gate decided. Rule: whoever is warned or halted reads the
// amount, the ceiling, why, and the one command that helps.
import { requestsLeft, requestsText } from './burn-rate.ts';
import { type Ahead, type AheadOf, leftText, RAISE_USD, raiseText } from './explain-ahead.ts';
import { breakerNotice, keptText, loopText, trippedText } from './explain-breaker.ts';
import { spawnRefusedText } from './explain-route.ts';
import { type SessionId, shortId } from './ids.ts';
import { formatUsd, type NanoUsd } from './money.ts';
import { type BudgetStatus, ceilingOf, headroomOf } from './spend.ts';
import { remedyFor } from './unreadable-remedy.ts';
import type { Breach, GuardPart, Verdict } from './verdict.ts';

/** The words for one verdict; `null` where there is nothing to say to that reader. */
export interface Explanation {
  readonly forPerson: string | null;
  readonly forModel: string | null;
  readonly reason: string | null;
}

/** Breaches that somebody has not been told of yet: everything is said once. */
export interface News {
  readonly forPerson: readonly Breach[];
  readonly forModel: readonly Breach[];
}

const nothingKnown: AheadOf = () => null;

/** Says a verdict. */
export function explain(
  verdict: Verdict,
  news: News,
  session: SessionId,
  aheadOf: AheadOf = nothingKnown,
): Explanation {
  const forModel = lines(latestFor(news.forModel).map(toModel));
  const emit = (breaches: readonly Breach[]) =>
    breaches.map((breach) => toPerson(breach, session, aheadOf(breach)));
  if (verdict.kind === 'allow' || verdict.kind === 'warn') {
    const told = news.forPerson.map((breach) =>
      breach.code === 'BREAKER_TRIPPED'
        ? loopText(breach)
        : toPerson(breach, session, aheadOf(breach)),
    );
    return { forPerson: lines(told), forModel, reason: null };
  }
  const first = verdict.breaches.find(isDecisive) ?? verdict.breaches[0];
  const reason = first
    ? reasonOf(first, verdict, session, aheadOf)
    : 'Tollgate halted this session.';
  const heard = news.forPerson.filter((breach) => breach !== first && !isDecisive(breach));
  // A halt that was told before is a reason to the client, and no news to the person.
  const isNews = first?.code.startsWith('HALTED_') !== true;
  return { forPerson: lines([isNews ? reason : null, ...emit(heard)]), forModel, reason };
}

/** The last word replaces the one before it: who is told to finish need not be told to begin finishing. */
function latestFor(news: readonly Breach[]): readonly Breach[] {
  const isFinishing = news.some(({ code }) => code === 'WRAP_UP_DUE');
  return isFinishing ? news.filter(({ code }) => code !== 'SOFT_LIMIT_REACHED') : news;
}

function reasonOf(breach: Breach, { kind }: Verdict, session: SessionId, aheadOf: AheadOf): string {
  if (kind !== 'deny' || breach.code !== 'FORECAST_OVER_CEILING') {
    return toPerson(breach, session, aheadOf(breach));
  }
  return (
    `Tollgate refused this: ${formatUsd(breach.spendNanoUsd)} spent${heldOf(breach)}, and it may need ` +
    `${formatUsd(breach.forecastNanoUsd)}, which would go over the ceiling of ` +
    `${formatUsd(breach.limitNanoUsd)} (${nameOf(breach)}). To have it: ${grantFor(session)}`
  );
}

/** What a spawn has cost elsewhere, before it starts; of several at once without any before them, what their start takes. `null`: nothing is known. */
export function priceTagText(
  spawn: {
    readonly tool: string;
    readonly agentType: string;
    readonly count: number;
    readonly requiredNanoUsd: NanoUsd;
    readonly priceTag: {
      readonly count: number;
      readonly averageNanoUsd: NanoUsd;
      readonly sampleCount: number;
    } | null;
  },
  budgetStatuses: readonly BudgetStatus[],
): string | null {
  const left = Math.min(
    ...budgetStatuses.map((each) => headroomOf(each) ?? Number.POSITIVE_INFINITY),
  );
  const room = Number.isFinite(left) ? `; ${formatUsd(Math.max(0, left))} left` : '';
  if (spawn.priceTag === null) {
    if (!(spawn.count > 1 && spawn.requiredNanoUsd > 0)) return null;
    const start = formatUsd(spawn.count * spawn.requiredNanoUsd);
    return `Tollgate: ${spawn.tool} (${spawn.count} subagents, some ${start} to start them; no ${spawn.agentType} has run before${room})`;
  }
  const { count, averageNanoUsd, sampleCount } = spawn.priceTag;
  const total = count > 1 ? `${count} subagents, some ${formatUsd(count * averageNanoUsd)}: ` : '';
  return (
    `Tollgate: ${spawn.tool} (${total}${spawn.agentType} has cost ${formatUsd(averageNanoUsd)} on ` +
    `average, ${sampleCount} so far${room})`
  );
}

const isDecisive = (breach: Breach): boolean =>
  breach.code !== 'SOFT_LIMIT_REACHED' && breach.code !== 'WRAP_UP_DUE';

function lines(parts: readonly (string | null)[]): string | null {
  const said = parts.filter((part) => part !== null);
  return said.length > 0 ? said.join('\n') : null;
}

/** A warning below the soft limit: the ceiling is near for requests like these. */
const isEarly = ({ spendNanoUsd, limitNanoUsd }: Figures): boolean => spendNanoUsd < limitNanoUsd;

/** Where the money stands when a turn is over. `requestNanoUsd`: what a request is expected to cost; `null`: not known. */
export function turnLine(budgetStatus: BudgetStatus, requestNanoUsd: NanoUsd | null): string {
  const { postedNanoUsd, inheritedNanoUsd, budget, windowLabel } = budgetStatus;
  const ceiling = ceilingOf(budgetStatus);
  const of = ceiling === null ? '' : ` of ${formatUsd(ceiling)}`;
  const spent = formatUsd(postedNanoUsd + inheritedNanoUsd);
  const count = requestsLeft(headroomOf(budgetStatus), requestNanoUsd);
  const left = count === null ? '' : `, ${requestsText(count)} left`;
  return `Tollgate: ${spent}${of} (${budgetName(budget.id, windowLabel)})${left}`;
}

/** One breach, for the person who pays. */
export function toPerson(breach: Breach, session: SessionId, ahead: Ahead | null = null): string {
  const grant = grantFor(session);
  switch (breach.code) {
    case 'SOFT_LIMIT_REACHED':
      if (isEarly(breach)) {
        return (
          `Tollgate: ${formatUsd(breach.spendNanoUsd)} spent (${nameOf(breach)})${leftText(breach, ahead)}; ` +
          'the next few requests may reach the ceiling.'
        );
      }
      return (
        `Tollgate: ${formatUsd(breach.spendNanoUsd)} spent, past the soft limit of ` +
        `${formatUsd(breach.limitNanoUsd)} (${nameOf(breach)})${leftText(breach, ahead)}.`
      );
    case 'WRAP_UP_DUE':
      return (
        `Tollgate: ${formatUsd(breach.spendNanoUsd)} spent (${nameOf(breach)})${leftText(breach, ahead)}; ` +
        'the agent was told to finish and hand over.'
      );
    case 'HARD_LIMIT_REACHED':
      return (
        `Tollgate halted this session: ${formatUsd(breach.spendNanoUsd)} spent reaches the ` +
        `ceiling of ${formatUsd(breach.limitNanoUsd)} (${nameOf(breach)}).${raiseText(breach, ahead)} To go on: ${grant}`
      );
    case 'FORECAST_OVER_CEILING':
      return (
        `Tollgate halted this session: ${formatUsd(breach.spendNanoUsd)} spent` +
        `${heldOf(breach)}, and the next request may need ${formatUsd(breach.forecastNanoUsd)}, which ` +
        `would go over the ceiling of ${formatUsd(breach.limitNanoUsd)} (${nameOf(breach)}).` +
        `${raiseText(breach, ahead)} To go on: ${grant}`
      );
    case 'SPAWN_OVER_HEADROOM':
      return (
        `Tollgate refused ${breach.tool}: ${formatUsd(breach.spendNanoUsd)} of ` +
        `${formatUsd(breach.limitNanoUsd)} spent${heldOf(breach)} (${nameOf(breach)}), and its subagents are ` +
        `expected to need ${formatUsd(breach.forecastNanoUsd)}. Do the work without subagents, or: ${grant}`
      );
    case 'FAN_OUT_OVER_LIMIT':
      return (
        `Tollgate refused ${breach.tool}: the subagents of this turn have spent ` +
        `${formatUsd(breach.spendNanoUsd)} and are expected to need ${formatUsd(breach.forecastNanoUsd)} more, over ` +
        `the limit of ${formatUsd(breach.limitNanoUsd)} for a fan-out. Do the work without subagents, or ` +
        'raise fanOut in the configuration'
      );
    case 'SPAWN_REFUSED':
      return spawnRefusedText(breach);
    case 'HALTED_BEFORE':
      return (
        `Tollgate keeps this session halted: ${formatUsd(breach.spendNanoUsd)} spent, ceiling ` +
        `${formatUsd(breach.limitNanoUsd)} (budget ${breach.budgetId}).${raiseText(breach, ahead)} To go on: ${grant}`
      );
    case 'HALTED_BY_PERSON':
      return (
        `Tollgate keeps this session halted by hand` +
        `${breach.reason === null ? '' : ` (${breach.reason})`}. To go on: /budget resume, or in a terminal: ` +
        `tollgate resume --session ${shortId(session)}`
      );
    case 'BREAKER_TRIPPED':
      return trippedText(breach, session);
    case 'HALTED_BY_BREAKER':
      return keptText(breach, session);
    case 'UNKNOWN_MODEL':
      return (
        `Tollgate halted this session: the model ${breach.model} has no price ` +
        `(it would be counted as ${breach.pricedAs}). To go on: give it a price under pricing.models ` +
        'in the configuration, see tollgate config'
      );
    case 'GUARDED_FILE':
      return (
        `Tollgate refused this: only people may change or run ${breach.path}.` +
        (breach.instead === null ? '' : ` To do the rest without it: ${breach.instead}`)
      );
    case 'TRANSCRIPT_MISSING':
      if (breach.why !== undefined) {
        return (
          `Tollgate cannot see what session ${session} spends: ${breach.path} cannot be read ` +
          `(${breach.why}). ${remedyFor(breach.why)}`
        );
      }
      return (
        `Tollgate cannot see what this session spends: its transcript ` +
        `${breach.path === null ? '' : `${breach.path} `}is not there. Run the client without ` +
        '--no-session-persistence, and leave its transcripts in place.'
      );
    case 'LINES_UNUSABLE':
      return (
        `Tollgate cannot see all that session ${session} spends: ${breach.count} ` +
        `${breach.count === 1 ? 'line' : 'lines'} of its transcript` +
        `${breach.path === null ? '' : ` ${breach.path}`} may have used tokens and cannot be read. ` +
        `To go on without counting them: /budget resume, or in a terminal: tollgate resume --session ${session}`
      );
    case 'RESPONSES_MISSING':
      return (
        `Tollgate cannot see all that session ${session} spends: ${breach.count} responses whose tools have run are not in its ` +
        `transcript${breach.path === null ? '' : ` ${breach.path}`} (was it changed?). They are charged at their forecast. ` +
        'Go on in a new session, or set onFailure to "warn" in the configuration.'
      );
    case 'NO_CEILING':
      return (
        `Tollgate: no ceiling can be enforced for this session: ${breach.file}` +
        `${breach.path === '' ? '' : ` ${breach.path}`}: ${breach.detail} ` +
        'Nothing goes on until that is mended; tollgate config shows what is in force.'
      );
    case 'GUARD_LOST':
      return guardLostText(breach, session);
    case 'EVENT_FORGED':
      return (
        `Tollgate refused this event (${breach.eventName}) of session ${shortId(session)}: it was sent by a program inside of the ` +
        'session, and not by Claude Code. Nothing was done.'
      );
    case 'FOREIGN_HOST':
      return (
        `Tollgate: ${breach.host} runs the hooks of Claude Code's settings. Tollgate counts Claude Code only, so ` +
        `nothing this program spends is counted or limited. ${
          breach.isRefused
            ? 'It is refused, because foreignHosts is "refuse" in the configuration.'
            : 'To refuse it instead, set foreignHosts to "refuse" in the configuration. This is said once.'
        }`
      );
    case 'LEDGER_UNAVAILABLE':
      return withoutLedgerText(breach);
  }
}

function withoutLedgerText({ detail, hint, tightest }: Extract<Breach, { hint: string }>): string {
  if (tightest === undefined) {
    return `Tollgate cannot know what this session has spent: ${detail}. ${hint}`;
  }
  return (
    `Tollgate decides without its ledger: ${detail}. ${hint} By the transcript ` +
    `${formatUsd(tightest.spendNanoUsd)} of ${formatUsd(tightest.ceilingNanoUsd)} are spent ` +
    `(${budgetName(tightest.budgetId, tightest.windowLabel)}); nothing is lost, and close to the ceiling it halts.`
  );
}

/** Words for each part of the guard that can be lost. */
const LOST: Readonly<Record<GuardPart, string>> = {
  hooks:
    'tools of it ran, or requests were made, without a hook of Tollgate (were settings changed or removed?)',
  'nested-client': 'a Claude Code that runs without the hooks of Tollgate was started inside of it',
  watchdog: 'its watchdog, which sees whether hooks run, was ended more than once',
};

function guardLostText(
  { lost, stoppedPid }: Extract<Breach, { code: 'GUARD_LOST' }>,
  session: SessionId,
): string {
  const stopped =
    stoppedPid === null
      ? ''
      : ` ${lost === 'nested-client' ? 'That one' : 'Claude Code'} (process ${stoppedPid}) was interrupted.`;
  return (
    `Tollgate: the guard of session ${shortId(session)} was off: ${LOST[lost]}.${stopped} ` +
    'tollgate doctor shows what is missing, tollgate init puts hooks back.'
  );
}

/** One breach, for the model that spends; `null` where it has no use for it. */
function toModel(breach: Breach): string | null {
  switch (breach.code) {
    case 'SOFT_LIMIT_REACHED':
      return (
        `Budget notice: ${formatUsd(breach.spendNanoUsd)} spent (${nameOf(breach)})${leftText(breach, null)}. ` +
        `${isEarly(breach) ? 'The next few requests may reach the ceiling. ' : ''}` +
        'Start to wrap up: finish what is begun, begin nothing large, prefer few and small steps.'
      );
    case 'WRAP_UP_DUE':
      return (
        `Budget notice: ${formatUsd(breach.spendNanoUsd)} spent (${nameOf(breach)})${leftText(breach, null)}. ` +
        'Finish now: leave the work in a consistent state and write a short hand-off note as your ' +
        'last message (done, open, files touched). You will be halted soon.'
      );
    case 'BREAKER_TRIPPED':
      return breakerNotice(breach);
    default:
      return null;
  }
}

/** The one thing that helps, first where the person is, then in a terminal; both can be pasted. */
const grantFor = (session: SessionId): string =>
  `/budget raise ${RAISE_USD}, or in a terminal: tollgate grant ${RAISE_USD} --session ${shortId(session)}`;

type Figures = Extract<Breach, { windowLabel: string }>;

/** The budget and its window; what both are called is said once. */
const budgetName = (id: string, windowLabel: string): string =>
  windowLabel === id || windowLabel.startsWith(`${id} `)
    ? `budget ${windowLabel}`
    : `budget ${id}, ${windowLabel}`;

const nameOf = (breach: Figures): string => budgetName(breach.budgetId, breach.windowLabel);

const heldOf = (breach: Figures): string =>
  breach.reservedNanoUsd > 0 ? ` and ${formatUsd(breach.reservedNanoUsd)} held by others` : '';

/** What goes uncounted where a person lets a session go on in spite of lines that cannot be read; empty where there are none. */
export function uncountedText(lineCount: number): string {
  if (lineCount === 0) return '';
  const lines = lineCount === 1 ? '1 line' : `${lineCount} lines`;
  return ` ${lines} of its transcript could not be read: what they spent is not counted.`;
}
