// What is left under a budget, in words: money, requests, time, and what a raise would bring.
import { aheadText, requestsLeft, requestsText, type SpendProjection } from './burn-rate.ts';
import { NANO_PER_USD, type NanoUsd } from './money.ts';
import { amountText, type PlanFigures, shareText } from './plan-window.ts';
import type { EpochMs } from './time.ts';
import type { Breach, BreachFigures } from './verdict.ts';

/** Where the budget of a breach is heading. */
export interface Ahead extends Pick<SpendProjection, 'requestsLeft' | 'runOutAt'> {
  /** What a request is expected to cost; `null`: not known. */
  readonly requestNanoUsd: NanoUsd | null;
  readonly now: EpochMs;
}

/** What is ahead under the budget of a breach; `null` where nothing is known. */
export type AheadOf = (breach: Breach) => Ahead | null;

/** What a raise is proposed of. */
const RAISE_USD = 2;
const RAISE_RATIO = 0.05;

/** The same as it is typed. */
export const raiseAmount = ({ fullNanoUsd }: PlanFigures): string =>
  fullNanoUsd === undefined ? String(RAISE_USD) : shareText(RAISE_RATIO);

/** What is left of a ceiling, to follow what was spent; empty without a ceiling. */
export function leftText(
  breach: Pick<BreachFigures, 'ceilingNanoUsd' | 'spendNanoUsd' | 'fullNanoUsd'>,
  ahead: Ahead | null,
): string {
  const { ceilingNanoUsd, spendNanoUsd } = breach;
  if (ceilingNanoUsd === null) return '';
  const left = Math.max(0, ceilingNanoUsd - spendNanoUsd);
  const until = ahead === null ? '' : aheadText(ahead, ahead.now);
  return `; ${amountText(left, breach)} left of ${amountText(ceilingNanoUsd, breach)}${until === '' ? '' : ` (${until})`}`;
}

/** What the raise that is proposed brings; empty where that is not known. */
export function raiseText(
  breach: Pick<BreachFigures, 'spendNanoUsd' | 'limitNanoUsd' | 'fullNanoUsd'>,
  ahead: Ahead | null,
): string {
  const { spendNanoUsd, limitNanoUsd, fullNanoUsd } = breach;
  const raised = fullNanoUsd === undefined ? RAISE_USD * NANO_PER_USD : RAISE_RATIO * fullNanoUsd;
  const headroom = limitNanoUsd - spendNanoUsd + raised;
  const count = requestsLeft(headroom, ahead?.requestNanoUsd ?? null);
  return count === null
    ? ''
    : ` With ${amountText(raised, breach).replace('.00', '')} more ${requestsText(count)} would fit.`;
}
