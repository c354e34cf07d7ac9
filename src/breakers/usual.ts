// How circuit breakers are set where nobody says otherwise. Three warn: those that a healthy session hardly ever trips.
import { HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import type { BreakerRules, BreakerSettings } from './breaker.ts';

const USD = 1_000_000_000;

const NONE: Omit<BreakerSettings, 'mode'> = {
  ...{ times: null, costNanoUsd: null, overMs: null, perMinuteNanoUsd: null, tokens: null },
};

export const USUAL_BREAKERS: BreakerRules = {
  repeatedCalls: { ...NONE, mode: 'warn', times: 10, costNanoUsd: 0.75 * USD },
  failingCalls: { ...NONE, mode: 'warn', times: 8, costNanoUsd: 0.75 * USD },
  repeatedReads: { ...NONE, mode: 'off', times: 10, costNanoUsd: 0.75 * USD },
  requestsWithoutTools: { ...NONE, mode: 'warn', times: 6, costNanoUsd: 0.75 * USD },
  spendRate: { ...NONE, mode: 'off', perMinuteNanoUsd: 0.75 * USD, overMs: 2 * MINUTE_MS },
  unattended: { ...NONE, mode: 'off', overMs: 2 * HOUR_MS },
  growingContext: { ...NONE, mode: 'off', tokens: 100_000, costNanoUsd: 1.25 * USD },
};
