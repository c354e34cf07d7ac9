// What is left under a budget, in words: money, requests, time, and what a raise would bring.
import { aheadText, requestsLeft, requestsText, type SpendProjection } from './burn-rate.ts';
import { formatUsd, NANO_PER_USD, type NanoUsd } from './money.ts';
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
export const RAISE_USD = 2;

/** What is left of a ceiling, to follow what was spent; empty without a ceiling. */
export function leftText(
  { ceilingNanoUsd, spendNanoUsd }: Pick<BreachFigures, 'ceilingNanoUsd' | 'spendNanoUsd'>,
  ahead: Ahead | null,
): string {
  if (ceilingNanoUsd === null) return '';
  const left = Math.max(0, ceilingNanoUsd - spendNanoUsd);
  const until = ahead === null ? '' : aheadText(ahead, ahead.now);
  return `; ${formatUsd(left)} left of ${formatUsd(ceilingNanoUsd)}${until === '' ? '' : ` (${until})`}`;
}

/** What the raise that is proposed brings; empty where that is not known. */
export function raiseText(
  { spendNanoUsd, limitNanoUsd }: Pick<BreachFigures, 'spendNanoUsd' | 'limitNanoUsd'>,
  ahead: Ahead | null,
): string {
  const headroom = limitNanoUsd - spendNanoUsd + RAISE_USD * NANO_PER_USD;
  const count = requestsLeft(headroom, ahead?.requestNanoUsd ?? null);
  return count === null ? '' : ` With $${RAISE_USD} more ${requestsText(count)} would fit.`;
}
