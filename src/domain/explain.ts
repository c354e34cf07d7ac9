// The only wording in the program of what the gate decided. Rule: whoever is warned or halted reads the
// amount, the ceiling, why, and the one command that helps.
import type { SessionId } from './ids.ts';
import { formatUsd } from './money.ts';
import type { Breach, Verdict } from './verdict.ts';

/** The words for one verdict; `null` where there is nothing to say to that reader. */
export interface Explanation {
  readonly forPerson: string | null;
  readonly forModel: string | null;
  readonly reason: string | null;
}

/** Says a verdict. `news` are the breaches nobody has been told of yet: warnings are said once. */
export function explain(
  verdict: Verdict,
  news: readonly Breach[],
  session: SessionId,
): Explanation {
  if (verdict.kind === 'allow') return { forPerson: null, forModel: null, reason: null };
  if (verdict.kind === 'warn') {
    return {
      forPerson: lines(news.map((breach) => toPerson(breach, session))),
      forModel: lines(news.map(toModel)),
      reason: null,
    };
  }
  const first = verdict.breaches.find(isDecisive) ?? verdict.breaches[0];
  const reason = first ? toPerson(first, session) : 'Tollgate halted this session.';
  const heard = news.filter((breach) => breach !== first && !isDecisive(breach));
  return {
    forPerson: lines([reason, ...heard.map((breach) => toPerson(breach, session))]),
    forModel: null,
    reason,
  };
}

const isDecisive = (breach: Breach): boolean =>
  breach.code !== 'SOFT_LIMIT_REACHED' && breach.code !== 'WRAP_UP_DUE';

function lines(parts: readonly (string | null)[]): string | null {
  const said = parts.filter((part) => part !== null);
  return said.length > 0 ? said.join('\n') : null;
}

/** One breach, for the person who pays. */
export function toPerson(breach: Breach, session: SessionId): string {
  const grant = `tollgate grant <usd> --session ${session}`;
  switch (breach.code) {
    case 'SOFT_LIMIT_REACHED':
      return (
        `Tollgate: ${formatUsd(breach.spendNanoUsd)} spent, past the soft limit of ` +
        `${formatUsd(breach.limitNanoUsd)} (${nameOf(breach)})${leftOf(breach)}.`
      );
    case 'WRAP_UP_DUE':
      return (
        `Tollgate: ${formatUsd(breach.spendNanoUsd)} spent (${nameOf(breach)})${leftOf(breach)}; ` +
        'the agent was told to finish and hand over.'
      );
    case 'HARD_LIMIT_REACHED':
      return (
        `Tollgate halted session ${session}: ${formatUsd(breach.spendNanoUsd)} spent reaches the ` +
        `ceiling of ${formatUsd(breach.limitNanoUsd)} (${nameOf(breach)}). To go on: ${grant}`
      );
    case 'FORECAST_OVER_CEILING':
      return (
        `Tollgate halted session ${session}: ${formatUsd(breach.spendNanoUsd)} spent` +
        `${heldOf(breach)}, and the next request may need ${formatUsd(breach.forecastNanoUsd)}, which ` +
        `would go over the ceiling of ${formatUsd(breach.limitNanoUsd)} (${nameOf(breach)}). ` +
        `To go on: ${grant}`
      );
    case 'SPAWN_OVER_HEADROOM':
      return (
        `Tollgate refused ${breach.tool}: ${formatUsd(breach.spendNanoUsd)} of ` +
        `${formatUsd(breach.limitNanoUsd)} spent${heldOf(breach)} (${nameOf(breach)}), and its subagents are ` +
        `expected to need ${formatUsd(breach.forecastNanoUsd)}. Do the work without subagents, or: ${grant}`
      );
    case 'HALTED_BEFORE':
      return (
        `Tollgate keeps session ${session} halted: ${formatUsd(breach.spendNanoUsd)} spent, ceiling ` +
        `${formatUsd(breach.limitNanoUsd)} (budget ${breach.budgetId}). To go on: ${grant}`
      );
    case 'HALTED_BY_PERSON':
      return (
        `Tollgate keeps session ${session} halted by hand` +
        `${breach.reason === null ? '' : ` (${breach.reason})`}. To go on: tollgate resume --session ${session}`
      );
    case 'UNKNOWN_MODEL':
      return (
        `Tollgate halted session ${session}: the model ${breach.model} has no price ` +
        `(it would be counted as ${breach.pricedAs}). To go on: give it a price under pricing.models ` +
        'in the configuration, see tollgate config'
      );
    case 'GUARDED_FILE':
      return `Tollgate refused this: ${breach.path} is its own file, and only a person may change it.`;
    case 'LEDGER_UNAVAILABLE':
      return `Tollgate cannot know what session ${session} has spent: ${breach.detail}. ${breach.hint}`;
  }
}

/** One breach, for the model that spends; `null` where it has no use for it. */
function toModel(breach: Breach): string | null {
  switch (breach.code) {
    case 'SOFT_LIMIT_REACHED':
      return (
        `Budget notice: ${formatUsd(breach.spendNanoUsd)} spent (${nameOf(breach)})${leftOf(breach)}. ` +
        'Start to wrap up: finish what is begun, begin nothing large, prefer few and small steps.'
      );
    case 'WRAP_UP_DUE':
      return (
        `Budget notice: ${formatUsd(breach.spendNanoUsd)} spent (${nameOf(breach)})${leftOf(breach)}. ` +
        'Finish now: leave the work in a consistent state and write a short hand-off note as your ' +
        'last message (done, open, files touched). You will be halted soon.'
      );
    default:
      return null;
  }
}

type Figures = Extract<Breach, { windowLabel: string }>;

const nameOf = (breach: Figures): string => `budget ${breach.budgetId}, ${breach.windowLabel}`;

const heldOf = (breach: Figures): string =>
  breach.reservedNanoUsd > 0 ? ` and ${formatUsd(breach.reservedNanoUsd)} held by others` : '';

function leftOf(breach: Figures): string {
  if (breach.ceilingNanoUsd === null) return '';
  const left = Math.max(0, breach.ceilingNanoUsd - breach.spendNanoUsd);
  return `; ${formatUsd(left)} left of ${formatUsd(breach.ceilingNanoUsd)}`;
}
