// What each breach says to the person who pays. Rule: whoever is warned or halted reads the amount, the ceiling, why, and the one
// command that helps.
import { type Ahead, leftText, raiseAmount, raiseText } from './explain-ahead.ts';
import { keptText, trippedText } from './explain-breaker.ts';
import { spawnRefusedText } from './explain-route.ts';
import { type TeamFigures, teamHeadText, teamRemedy } from './explain-team.ts';
import { type SessionId, shortId } from './ids.ts';
import { formatUsd, type NanoUsd } from './money.ts';
import { amountText, type PlanFigures, unbilledText } from './plan-window.ts';
import { remedyFor } from './unreadable-remedy.ts';
import type { Breach, BreachCode, BreachFigures, GuardPart } from './verdict.ts';

/** What a text says besides the breach itself. */
interface Context {
  readonly session: SessionId;
  readonly ahead: Ahead | null;
}

type TextOf<Code extends BreachCode> = (
  breach: Extract<Breach, { code: Code }>,
  context: Context,
) => string;

/** One breach, for the person who pays. */
export function toPerson(breach: Breach, session: SessionId, ahead: Ahead | null = null): string {
  // The table has for each code the text of exactly that breach.
  const textOf = TEXTS[breach.code] as TextOf<BreachCode>;
  return textOf(breach, { session, ahead });
}

const TEXTS: { readonly [Code in BreachCode]: TextOf<Code> } = {
  SOFT_LIMIT_REACHED: (breach, { ahead }) => {
    if (isEarly(breach)) {
      return (
        `Tollgate: ${spentText(breach)} (${nameOf(breach)})${leftText(breach, ahead)}; ` +
        'the next few requests may reach the ceiling.'
      );
    }
    return (
      `Tollgate: ${spentText(breach)}, past the soft limit of ` +
      `${amountText(breach.limitNanoUsd, breach)} (${nameOf(breach)})${leftText(breach, ahead)}.`
    );
  },
  WRAP_UP_DUE: (breach, { ahead }) =>
    `Tollgate: ${spentText(breach)} (${nameOf(breach)})${leftText(breach, ahead)}; ` +
    'the agent was told to finish and hand over.',
  HARD_LIMIT_REACHED: (breach, { session, ahead }) =>
    teamHalt(breach) ??
    `Tollgate halted this session: ${spentText(breach)} reaches the ` +
      `ceiling of ${amountText(breach.limitNanoUsd, breach)} (${nameOf(breach)}).${raiseText(breach, ahead)} To go on: ${grantFor(session, breach)}`,
  FORECAST_OVER_CEILING: (breach, { session, ahead }) =>
    teamHalt(breach) ??
    `Tollgate halted this session: ${spentText(breach)}` +
      `${heldOf(breach)}, and the next request may need ${amountText(breach.forecastNanoUsd, breach)}, which ` +
      `would go over the ceiling of ${amountText(breach.limitNanoUsd, breach)} (${nameOf(breach)}).` +
      `${raiseText(breach, ahead)} To go on: ${grantFor(session, breach)}`,
  SPAWN_OVER_HEADROOM: (breach, { session }) =>
    `Tollgate refused ${breach.tool}: ${amountText(breach.spendNanoUsd, breach)} of ` +
    `${amountText(breach.limitNanoUsd, breach)} spent${unbilledText(breach)}${heldOf(breach)} (${nameOf(breach)}), and its subagents are ` +
    `expected to need ${amountText(breach.forecastNanoUsd, breach)}. Do the work without subagents, or: ${grantFor(session, breach)}`,
  FAN_OUT_OVER_LIMIT: (breach) =>
    `Tollgate refused ${breach.tool}: the subagents of this turn have spent ` +
    `${formatUsd(breach.spendNanoUsd)} and are expected to need ${formatUsd(breach.forecastNanoUsd)} more, over ` +
    `the limit of ${formatUsd(breach.limitNanoUsd)} for a fan-out. Do the work without subagents, or ` +
    'raise fanOut in the configuration',
  SPAWN_REFUSED: (breach) => spawnRefusedText(breach),
  HALTED_BEFORE: (breach, { session, ahead }) =>
    `Tollgate keeps this session halted: ${spentText(breach)}, ceiling ` +
    `${amountText(breach.limitNanoUsd, breach)} (budget ${breach.budgetId}).${raiseText(breach, ahead)} To go on: ${grantFor(session, breach)}`,
  HALTED_BY_PERSON: (breach, { session }) =>
    `Tollgate keeps this session halted by hand` +
    `${breach.reason === null ? '' : ` (${breach.reason})`}. To go on: /budget resume, or in a terminal: ` +
    `tollgate resume --session ${shortId(session)}`,
  BREAKER_TRIPPED: (breach, { session }) => trippedText(breach, session),
  HALTED_BY_BREAKER: (breach, { session }) => keptText(breach, session),
  UNKNOWN_MODEL: (breach) =>
    `Tollgate halted this session: the model ${breach.model} has no price ` +
    `(it would be counted as ${breach.pricedAs}). To go on: give it a price under pricing.models ` +
    'in the configuration, see tollgate config',
  GUARDED_FILE: (breach) =>
    `Tollgate refused this: only people may change or run ${breach.path}.` +
    (breach.instead === null ? '' : ` To do the rest without it: ${breach.instead}`),
  TRANSCRIPT_MISSING: (breach, { session }) => {
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
  },
  LINES_UNUSABLE: (breach, { session }) =>
    `Tollgate cannot see all that session ${session} spends: ${breach.count} ` +
    `${breach.count === 1 ? 'line' : 'lines'} of its transcript` +
    `${breach.path === null ? '' : ` ${breach.path}`} may have used tokens and cannot be read. ` +
    `To go on without counting them: /budget resume, or in a terminal: tollgate resume --session ${session}`,
  RESPONSES_MISSING: (breach, { session }) =>
    `Tollgate cannot see all that session ${session} spends: ${breach.count} responses whose tools have run are not in its ` +
    `transcript${breach.path === null ? '' : ` ${breach.path}`} (was it changed?). They are charged at their forecast. ` +
    'Go on in a new session, or set onFailure to "warn" in the configuration.',
  TRANSCRIPT_REWRITTEN: ({ path }, { session }) =>
    `Tollgate: a transcript of session ${shortId(session)} was changed where it had been read: ${path}. It was read anew; ` +
    'nothing that was counted is taken back. tollgate why shows what ran.',
  INSTALLATION_CHANGED: (breach) => installationText(breach),
  NO_CEILING: (breach) =>
    `Tollgate: no ceiling can be enforced for this session: ${breach.file}` +
    `${breach.path === '' ? '' : ` ${breach.path}`}: ${breach.detail} ` +
    'Nothing goes on until that is mended; tollgate config shows what is in force.',
  GUARD_LOST: (breach, { session }) => guardLostText(breach, session),
  EVENT_FORGED: (breach, { session }) =>
    `Tollgate refused this event (${breach.eventName}) of session ${shortId(session)}: it was sent by a program inside of the ` +
    'session, and not by Claude Code. Nothing was done.',
  FOREIGN_HOST: (breach) =>
    `Tollgate: ${breach.host} runs the hooks of Claude Code's settings. Tollgate counts Claude Code only, so ` +
    `nothing this program spends is counted or limited. ${
      breach.isRefused
        ? 'It is refused, because foreignHosts is "refuse" in the configuration.'
        : 'To refuse it instead, set foreignHosts to "refuse" in the configuration. This is said once.'
    }`,
  LEDGER_UNAVAILABLE: (breach) => withoutLedgerText(breach),
};

function withoutLedgerText({ detail, hint, tightest }: Extract<Breach, { hint: string }>): string {
  if (tightest === undefined) {
    return `Tollgate cannot know what this session has spent: ${detail}. ${hint}`;
  }
  return (
    `Tollgate decides without its ledger: ${detail}. ${hint} By the transcript ` +
    `${amountText(tightest.spendNanoUsd, tightest)} of ${amountText(tightest.ceilingNanoUsd, tightest)} are spent${unbilledText(tightest)} ` +
    `(${budgetName(tightest.budgetId, tightest.windowLabel)}); nothing is lost, and close to the ceiling it halts.`
  );
}

/** More of them say no more. */
const NAMED_FILES = 3;

function installationText({
  files,
  faults,
}: Extract<Breach, { code: 'INSTALLATION_CHANGED' }>): string {
  const more = files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : '';
  const changed = `${files.slice(0, NAMED_FILES).join(', ')}${more} changed without an upgrade`;
  return [
    'Tollgate: what guards this session is not what was installed:',
    `${[...(files.length === 0 ? [] : [changed]), ...faults].join('; ')}.`,
    ...(files.length === 0
      ? []
      : ['If it was not you: install Tollgate (or Node) anew, and run tollgate init.']),
    ...(faults.length === 0 ? [] : ['To put the settings back: tollgate init --repair.']),
  ].join(' ');
}

/** A halt by a ceiling of the team, which no grant on this machine raises; `null`: the ceiling is this machine's own. */
function teamHalt(breach: BreachFigures): string | null {
  const remedy = teamRemedy(breach);
  if (remedy === null) return null;
  return `Tollgate halted this session: ${teamHeadText(breach, heldOf(breach))}. To go on, ${remedy}`;
}

/** A ceiling that was met and halts nothing: its budget only warns, or its team wants that while it cannot be reached. */
export function warnedText(breach: BreachFigures): string {
  const isOffline = breach.teamOffline !== undefined;
  const goesOn = isOffline ? 'the session goes on' : 'this budget only warns';
  const remedy = isOffline ? ` To end that, ${teamRemedy(breach)}` : '';
  if (breach.teamBudgetId !== undefined) {
    return `Tollgate: ${teamHeadText(breach, heldOf(breach))}; ${goesOn}.${remedy}`;
  }
  const next =
    breach.forecastNanoUsd === 0
      ? ', which reaches'
      : `${heldOf(breach)}, and the next request may need ${amountText(breach.forecastNanoUsd, breach)}, which would go over`;
  return `Tollgate: ${spentText(breach)}${next} the ceiling of ${amountText(breach.limitNanoUsd, breach)} (${budgetName(breach.budgetId, breach.windowLabel)}); ${goesOn}.`;
}

/** Words for each part of the guard that can be lost. */
const LOST: Readonly<Record<GuardPart, string>> = {
  hooks:
    'tools of it ran, or requests were made, without a hook of Tollgate (were settings changed or removed?)',
  'nested-client': 'a Claude Code that runs without the hooks of Tollgate was started inside of it',
  state: 'its transcript and the state folder of Tollgate were both taken away while it ran',
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

/** A warning below the soft limit: the ceiling is near for requests like these. */
export const isEarly = ({ spendNanoUsd, limitNanoUsd }: Figures): boolean =>
  spendNanoUsd < limitNanoUsd;

/** The one thing that helps, first where the person is, then in a terminal; both can be pasted. */
export function grantFor(session: SessionId, figures: PlanFigures & TeamFigures): string {
  const ofTeam = teamRemedy(figures);
  if (ofTeam !== null) return ofTeam;
  const raise = raiseAmount(figures);
  return `/budget raise ${raise}, or in a terminal: tollgate grant ${raise} --session ${shortId(session)}`;
}

/** `$4.00 spent`, `72% used`. */
export const spentText = (breach: PlanFigures & { readonly spendNanoUsd: NanoUsd }): string =>
  `${amountText(breach.spendNanoUsd, breach)} ${breach.fullNanoUsd === undefined ? 'spent' : 'used'}${unbilledText(breach)}`;

export type Figures = Extract<Breach, { windowLabel: string }>;

/** The budget and its window; what both are called is said once. */
export const budgetName = (id: string, windowLabel: string): string =>
  windowLabel === id || windowLabel.startsWith(`${id} `)
    ? `budget ${windowLabel}`
    : `budget ${id}, ${windowLabel}`;

export const nameOf = (breach: Figures): string => budgetName(breach.budgetId, breach.windowLabel);

export const heldOf = (breach: PlanFigures & Pick<BreachFigures, 'reservedNanoUsd'>): string =>
  breach.reservedNanoUsd > 0
    ? ` and ${amountText(breach.reservedNanoUsd, breach)} held by others`
    : '';
