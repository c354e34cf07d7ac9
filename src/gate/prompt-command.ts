// `/budget` typed into the agent: answered here, before any request is made. Rule: showing is for everybody; what
// loosens the guard is done only where a person is known to sit at the keyboard.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import { aheadText } from '../domain/burn-rate.ts';
import { uncountedText } from '../domain/explain.ts';
import { raiseAmount } from '../domain/explain-ahead.ts';
import { shortId } from '../domain/ids.ts';
import { formatUsd } from '../domain/money.ts';
import {
  amountText,
  parseRaise,
  shareText,
  unbilledText,
  type WrittenAmount,
  writtenText,
} from '../domain/plan-window.ts';
import {
  ceilingOf,
  headroomOf,
  planFigures,
  recordedFigures,
  spendOf,
  windowName,
} from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import { ingestNewLines } from '../ingest/ingest-new-lines.ts';
import type { SessionRecord } from '../stores/store.ts';
import { markTold, raise, unitOf } from './grant.ts';
import { haltManually, resumeManually } from './manual-halt.ts';
import type { PlanWindowStatus } from './plan-windows.ts';
import type { BudgetProjection } from './project-budget.ts';
import { recordActivity } from './record-activity.ts';
import { readSessionStatus, type SessionStatus } from './session-status.ts';
import type { GateDeps } from './types.ts';

/** Who is at the agent: a person at its keyboard, or nobody that we can vouch for, and why not. */
export type Presence =
  /** `where`: ` on pts/3 via bash, sshd`; empty where the system does not tell. */
  | { readonly kind: 'person'; readonly where: string }
  | { readonly kind: 'nobody'; readonly why: string };

export interface PromptDeps extends GateDeps {
  /** Looks at the agent's process; asked only when something is to be loosened. */
  readonly readPresence: (now: EpochMs) => Presence;
  /** Lets what the configuration files ask for count; answers each change in words. Call inside `store.immediately`. */
  readonly acceptConfig: (author: string) => readonly string[];
}

/** What was typed after `/budget`. */
export type PromptCommand =
  | { readonly kind: 'show' }
  | { readonly kind: 'raise'; readonly raise: WrittenAmount; readonly reason: string | null }
  | { readonly kind: 'halt'; readonly reason: string | null }
  | { readonly kind: 'resume' }
  | { readonly kind: 'accept' }
  | { readonly kind: 'unclear' };

/** Reads a prompt; `null` for one that is the model's. A plugin's name may stand before: `/tollgate:budget`. */
export function parsePromptCommand(prompt: string): PromptCommand | null {
  const match = /^\/(?:tollgate:)?budget(?:\s+([\s\S]*))?$/.exec(prompt.trim());
  if (!match) return null;
  const [verb = 'show', ...rest] = (match[1] ?? '').trim().split(/\s+/).filter(Boolean);
  switch (verb) {
    case 'show':
    case 'status':
      return rest.length === 0 ? { kind: 'show' } : { kind: 'unclear' };
    case 'raise':
    case 'grant': {
      const raise = parseRaise(rest[0] ?? '');
      if (raise === null || raise.amount <= 0) return { kind: 'unclear' };
      return { kind: 'raise', raise, reason: wordsOf(rest.slice(1)) };
    }
    case 'halt':
      return { kind: 'halt', reason: wordsOf(rest) };
    case 'resume':
    case 'accept':
      return rest.length === 0 ? { kind: verb } : { kind: 'unclear' };
    default:
      return { kind: 'unclear' };
  }
}

const wordsOf = (words: readonly string[]): string | null =>
  words.length > 0 ? words.join(' ') : null;

/**
 * Answers a prompt that is for us: it is refused as a prompt, with the answer as the reason, so it costs no request.
 * `null` for any other prompt, and for those the agent gave itself.
 */
export function answerPrompt(event: AgentEvent, deps: PromptDeps, now: EpochMs): Answer | null {
  const isTyped = event.moment === 'prompt' && event.agentId === null && event.isFromPerson;
  const command = isTyped && event.prompt !== null ? parsePromptCommand(event.prompt) : null;
  if (command === null) return null;
  const { store } = deps;
  const session = store.immediately(() => {
    const touched = recordActivity(event, deps, now);
    ingestNewLines(touched, deps, now);
    return store.readSession(event.sessionId) ?? touched;
  });
  const said = runCommand(command, session, deps, now);
  return { verdict: { kind: 'deny', breaches: [] }, forPerson: null, forModel: null, reason: said };
}

function runCommand(
  command: PromptCommand,
  session: SessionRecord,
  deps: PromptDeps,
  now: EpochMs,
): string {
  const { store } = deps;
  switch (command.kind) {
    case 'unclear':
      return USAGE;
    case 'show':
      return store.immediately(() => showText(readSessionStatus(session, deps, now), now));
    case 'halt':
      haltManually(session, command.reason, deps, now);
      return 'Tollgate: halted. No further request is made, until: /budget resume';
    default:
      return loosen(command, session, deps, now);
  }
}

type Loosening = Extract<PromptCommand, { readonly kind: 'raise' | 'resume' | 'accept' }>;

/** Does what only a person may want, where one is known to want it. */
function loosen(
  command: Loosening,
  session: SessionRecord,
  deps: PromptDeps,
  now: EpochMs,
): string {
  const presence = deps.readPresence(now);
  if (presence.kind === 'nobody') return refusal(presence.why, command, session, deps);
  const author = `${session.developer ?? 'a person'}, typed in the session${presence.where}`;
  switch (command.kind) {
    case 'resume':
      return resumeText(session, deps, now);
    case 'accept':
      return acceptText(author, deps);
    case 'raise':
      return raiseText(command, author, session, deps, now);
  }
}

const USAGE =
  'Tollgate understands: /budget, /budget raise 5 [why], /budget halt [why], /budget resume, /budget accept. Nothing was changed.';

function refusal(
  why: string,
  command: Loosening,
  { sessionId }: SessionRecord,
  { config }: PromptDeps,
): string {
  const did = `Tollgate did not do this: ${why}, so nobody knows whether a person wants it.`;
  if (config.grants === 'prompt') {
    return `${did} Because grants is "prompt" in the configuration, it must be typed into Claude Code in a terminal.`;
  }
  const own = ` --session ${shortId(sessionId)}`;
  const words = {
    raise: () => `grant ${amountOf(command)}${own}`,
    resume: () => `resume${own}`,
    accept: () => 'accept',
  };
  return `${did} In a terminal of your own: tollgate ${words[command.kind]()}`;
}

const amountOf = (command: Loosening): string =>
  command.kind === 'raise' ? writtenText(command.raise).replace('$', '') : '';

function acceptText(author: string, deps: PromptDeps): string {
  const accepted = deps.store.immediately(() => deps.acceptConfig(author));
  if (accepted.length === 0) return 'Tollgate: nothing waits to be accepted.';
  return ['Tollgate: accepted, and counts from now on:', ...accepted].join('\n');
}

function resumeText(session: SessionRecord, deps: PromptDeps, now: EpochMs): string {
  const { kind, haltRecord, uncountedLineCount } = resumeManually(session, deps, now);
  if (kind === 'resumed') {
    return `Tollgate: the session may go on.${uncountedText(uncountedLineCount)} Say what comes next.`;
  }
  if (kind === 'not-halted') return 'Tollgate: the session is not halted.';
  return `Tollgate: the session is halted by budget ${haltRecord?.budgetId}; only ${haltRecord?.windowKey.includes('|plan:') ? 'a raise lifts' : 'money lifts'} that: /budget raise ${raiseAmount(recordedFigures(haltRecord?.windowKey ?? ''))}`;
}

function raiseText(
  { raise: amount, reason }: Extract<Loosening, { readonly kind: 'raise' }>,
  author: string,
  session: SessionRecord,
  deps: PromptDeps,
  now: EpochMs,
): string {
  const wanted = { raise: amount, budget: null, reason, author, expiresAt: null };
  const raised = deps.store.immediately(() => {
    const given = raise(session, wanted, deps, now);
    if (given.kind === 'granted') markTold(given.grant, session, deps, now);
    return given;
  });
  if (raised.kind === 'no-ceiling') {
    return 'Tollgate: no budget has a ceiling for this session, so there is nothing to raise.';
  }
  if (raised.kind === 'wrong-unit') {
    const { budgetStatus } = raised;
    return `Tollgate: budget ${windowName(budgetStatus)} is raised in ${unitOf(budgetStatus) === 'share' ? 'percent of the window' : 'dollars'}: /budget raise ${raiseAmount(planFigures(budgetStatus))}`;
  }
  const { budgetStatus, ceilingNanoUsd, uncountedLineCount } = raised;
  const show = (nano: number) => amountText(nano, planFigures(budgetStatus));
  return (
    `Tollgate: ${writtenText(amount)} granted. The ceiling of budget ${windowName(budgetStatus)} ` +
    `is now ${show(ceilingNanoUsd)}, ${show(ceilingNanoUsd - spendOf(budgetStatus))} of it left.` +
    uncountedText(uncountedLineCount)
  );
}

function showText(sessionStatus: SessionStatus, now: EpochMs): string {
  const { session, totals, budgets, haltRecord, burnNanoUsdPerHour, dayNanoUsd } = sessionStatus;
  const spent = totals.costNanoUsd + session.inheritedNanoUsd;
  const unbilled = unbilledText(sessionStatus);
  const lines = [
    `Tollgate: ${formatUsd(spent)} spent in this session, ${formatUsd(burnNanoUsdPerHour)}/h; ${formatUsd(dayNanoUsd)} today on this machine${unbilled}.`,
    ...sessionStatus.plans.flatMap(planText),
    ...budgets.map((each) => budgetText(each, now)),
  ];
  if (haltRecord?.code === 'HALTED_BY_PERSON')
    lines.push('Halted by hand; to go on: /budget resume');
  else if (haltRecord?.code === 'BREAKER_TRIPPED')
    lines.push(
      `Halted by breaker ${haltRecord.budgetId}: ${haltRecord.reason}; to go on: /budget resume`,
    );
  else if (haltRecord !== null)
    lines.push(
      `Halted; to go on: /budget raise ${raiseAmount(recordedFigures(haltRecord.windowKey))}`,
    );
  else {
    const usedUp = budgets.find(isUsedUp);
    if (usedUp !== undefined) {
      const amount = raiseAmount(planFigures(usedUp.budgetStatus));
      lines.push(`The next request will be halted; to go on: /budget raise ${amount}`);
    }
  }
  if (budgets.length === 0) lines.push('No budget is set here: tollgate init');
  return lines.join('\n');
}

/** `72% used of the five-hour window to 14:00`. */
const planText = ({ label, usedRatio, basis }: PlanWindowStatus): string[] =>
  usedRatio === null
    ? []
    : [`${shareText(usedRatio)} used of the ${label}${basis === 'estimate' ? ' (estimated)' : ''}`];

const isUsedUp = ({ budgetStatus }: BudgetProjection): boolean =>
  budgetStatus.budget.mode === 'enforce' && (headroomOf(budgetStatus) ?? 1) <= 0;

function budgetText(projection: BudgetProjection, now: EpochMs): string {
  const { budgetStatus, paceRatio } = projection;
  const name = windowName(budgetStatus);
  const ceiling = ceilingOf(budgetStatus);
  const spend = spendOf(budgetStatus);
  const show = (nano: number) => amountText(nano, planFigures(budgetStatus));
  if (ceiling === null) return `${name}: ${show(spend)}, no ceiling`;
  const left = Math.max(0, headroomOf(budgetStatus) ?? 0);
  const ahead = aheadText(projection, now);
  const pace =
    paceRatio !== null && paceRatio > 1
      ? `; ${paceRatio.toFixed(1)} times the pace that lasts`
      : '';
  return `${name}: ${show(spend)} of ${show(ceiling)}, ${show(left)} left${ahead === '' ? '' : ` (${ahead})`}${pace}`;
}
