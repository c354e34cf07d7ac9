// All circuit breakers, and what they say about a thread after each step. PURE.
import { BREAKER_NAMES, type BreakerName, type BreakerTrip } from '../domain/breaker-trip.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import { advance } from './activity.ts';
import type { Activity, Breaker, BreakerRules, Step } from './breaker.ts';
import { failingCalls } from './failing-calls.ts';
import { growingContext } from './growing-context.ts';
import { repeatedCalls } from './repeated-calls.ts';
import { repeatedReads } from './repeated-reads.ts';
import { requestsWithoutTools } from './requests-without-tools.ts';
import { spendRate } from './spend-rate.ts';
import { unattended } from './unattended.ts';

const BREAKERS: Readonly<Record<BreakerName, Breaker>> = {
  repeatedCalls,
  failingCalls,
  repeatedReads,
  requestsWithoutTools,
  spendRate,
  unattended,
  growingContext,
};

/** What is remembered after a step, and the breakers that trip now. */
export function watchStep(
  before: Activity | null,
  step: Step,
  rules: BreakerRules,
  spentSince: (at: EpochMs) => NanoUsd,
): { readonly activity: Activity; readonly trips: readonly BreakerTrip[] } {
  const activity = advance(before, step);
  const trips = BREAKER_NAMES.flatMap((breaker): BreakerTrip[] => {
    const settings = rules[breaker];
    const { mode } = settings;
    if (mode === 'off') return [];
    const evidence = BREAKERS[breaker].judge(activity, settings, spentSince);
    if (evidence === null) return [];
    return [{ breaker, mode, isNew: !activity.told.includes(breaker), ...evidence }];
  });
  return { activity: { ...activity, told: trips.map(({ breaker }) => breaker) }, trips };
}
