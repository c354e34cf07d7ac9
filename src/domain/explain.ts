// What the gate says of its verdicts, to the person and to the model. Rule: all wording of a decision is in this file, in
// `breach-text.ts` and in the `explain-` files beside it.
import {
  budgetName,
  grantFor,
  heldOf,
  isEarly,
  nameOf,
  spentText,
  toPerson,
  warnedText,
} from './breach-text.ts';
import { requestsLeft, requestsText } from './burn-rate.ts';
import { type AheadOf, leftText } from './explain-ahead.ts';
import { breakerNotice, loopText } from './explain-breaker.ts';
import type { SessionId } from './ids.ts';
import { formatUsd, type NanoUsd } from './money.ts';
import { amountText, unbilledText } from './plan-window.ts';
import { type BudgetStatus, ceilingOf, headroomOf, planFigures } from './spend.ts';
import type { Breach, Verdict } from './verdict.ts';

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
    const told = news.forPerson.map((breach) => {
      if (breach.code === 'BREAKER_TRIPPED') return loopText(breach);
      const isMet = breach.code === 'HARD_LIMIT_REACHED' || breach.code === 'FORECAST_OVER_CEILING';
      return isMet ? warnedText(breach) : toPerson(breach, session, aheadOf(breach));
    });
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
    `Tollgate refused this: ${spentText(breach)}${heldOf(breach)}, and it may need ` +
    `${amountText(breach.forecastNanoUsd, breach)}, which would go over the ceiling of ` +
    `${amountText(breach.limitNanoUsd, breach)} (${nameOf(breach)}). To have it: ${grantFor(session, breach)}`
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
    ...budgetStatuses
      .filter(({ plan }) => plan === undefined)
      .map((each) => headroomOf(each) ?? Number.POSITIVE_INFINITY),
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

/** Where the money stands when a turn is over. `requestNanoUsd`: what a request is expected to cost; `null`: not known. */
export function turnLine(budgetStatus: BudgetStatus, requestNanoUsd: NanoUsd | null): string {
  const { postedNanoUsd, inheritedNanoUsd, budget, windowLabel } = budgetStatus;
  const ceiling = ceilingOf(budgetStatus);
  const figures = planFigures(budgetStatus);
  const of = ceiling === null ? '' : ` of ${amountText(ceiling, figures)}`;
  const spent = amountText(postedNanoUsd + inheritedNanoUsd, figures);
  const count = requestsLeft(headroomOf(budgetStatus), requestNanoUsd);
  const left = count === null ? '' : `, ${requestsText(count)} left`;
  return `Tollgate: ${spent}${of}${unbilledText(figures)} (${budgetName(budget.id, windowLabel)})${left}`;
}

/** One breach, for the model that spends; `null` where it has no use for it. */
function toModel(breach: Breach): string | null {
  switch (breach.code) {
    case 'SOFT_LIMIT_REACHED':
      return (
        `Budget notice: ${spentText(breach)} (${nameOf(breach)})${leftText(breach, null)}. ` +
        `${isEarly(breach) ? 'The next few requests may reach the ceiling. ' : ''}` +
        'Start to wrap up: finish what is begun, begin nothing large, prefer few and small steps.'
      );
    case 'WRAP_UP_DUE':
      return (
        `Budget notice: ${spentText(breach)} (${nameOf(breach)})${leftText(breach, null)}. ` +
        'Finish now: leave the work in a consistent state and write a short hand-off note as your ' +
        'last message (done, open, files touched). You will be halted soon.'
      );
    case 'BREAKER_TRIPPED':
      return breakerNotice(breach);
    default:
      return null;
  }
}

/** What goes uncounted where a person lets a session go on in spite of lines that cannot be read; empty where there are none. */
export function uncountedText(lineCount: number): string {
  if (lineCount === 0) return '';
  const lines = lineCount === 1 ? '1 line' : `${lineCount} lines`;
  return ` ${lines} of its transcript could not be read: what they spent is not counted.`;
}
