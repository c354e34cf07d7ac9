// Gathers what the ledger knows about a thread and asks the forecast what its next request may cost.

import type { SafetyLevel } from '../config/config.ts';
import type { Forecast, ForecastRates } from '../domain/forecast.ts';
import { forecast, holdUpperBound, type KnownInput } from '../domain/forecast.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import type { TokenEstimate } from '../domain/token-estimate.ts';
import { histogramQuantile, type TokenHistogram } from '../domain/token-histogram.ts';
import type { Pricer } from '../pricing/pricer.ts';
import { tokenGenerationOf } from '../pricing/token-generation.ts';
import type { BucketCounts, Store, ThreadRecord } from '../stores/store.ts';

/** Of the requests of a session, the share that sends no more than what the next one is taken to send at least. */
const USUALLY_SENT = 0.9;

const NOTHING: Forecast = {
  expectedNanoUsd: 0,
  holdNanoUsd: 0,
  knownNanoUsd: 0,
  confidence: 0,
  sampleCount: 0,
};

export interface NextRequestDeps {
  readonly store: Pick<Store, 'readTokenHistogram'>;
  readonly pricer: Pick<Pricer, 'rates'>;
  readonly safety: SafetyLevel;
  /** The ceiling the request must stay under; `null`: none. */
  readonly ceilingNanoUsd: NanoUsd | null;
}

/**
 * What the next request of a thread may cost. A thread that has made none yet forecasts nothing: neither
 * its model nor its context is known, and holding back a guess would stop sessions before they begin.
 */
export function forecastNextRequest(
  thread: ThreadRecord | null,
  newContent: TokenEstimate | null,
  deps: NextRequestDeps,
  now: EpochMs,
): Forecast {
  if (thread === null) return NOTHING;
  const sent = sentHistogram(thread, deps);
  return forecast({
    ...knownInput(thread, newContent, sent, deps, now),
    level: deps.safety,
    newTokensHistogram: sent,
    sessionOutput: histogramOf(deps.store.readTokenHistogram(`session:${thread.sessionId}`)),
    modelOutput: histogramOf(deps.store.readTokenHistogram(`model:${thread.model}`)),
    machineOutput: histogramOf(deps.store.readTokenHistogram('machine')),
    ...(deps.ceilingNanoUsd === null ? {} : { ceilingNanoUsd: deps.ceilingNanoUsd }),
  });
}

/** More than the next request of a thread is ever taken to cost, under a ceiling; a look, where a forecast is a sum. */
export function nextRequestUpperBound(
  thread: ThreadRecord,
  newContent: TokenEstimate | null,
  deps: Omit<NextRequestDeps, 'safety'> & { readonly ceilingNanoUsd: NanoUsd },
  now: EpochMs,
): NanoUsd {
  const known = knownInput(thread, newContent, sentHistogram(thread, deps), deps, now);
  return holdUpperBound(known, deps.ceilingNanoUsd);
}

const sentHistogram = (
  thread: ThreadRecord,
  { store }: Pick<NextRequestDeps, 'store'>,
): TokenHistogram => histogramOf(store.readTokenHistogram(`new:${thread.sessionId}`));

function knownInput(
  thread: ThreadRecord,
  newContent: TokenEstimate | null,
  sent: TokenHistogram,
  { pricer }: Pick<NextRequestDeps, 'pricer'>,
  now: EpochMs,
): KnownInput & { readonly newTokens: number } {
  const lifetimeMs = thread.cacheLifetime === '1h' ? HOUR_MS : 5 * MINUTE_MS;
  return {
    rates: forecastRates(pricer, thread.model, now),
    cachedTokens: thread.contextTokens,
    cacheExpired: now - thread.lastRequestAt > lifetimeMs,
    cacheWriteLifetime: thread.cacheLifetime,
    newTokens: newTokensOf(thread, newContent, sent),
  };
}

/**
 * What the next request sends for the first time: the last response, and the results of its tools. What a
 * request of this session usually sends is the least: the agent adds words of its own that nobody can see.
 */
function newTokensOf(
  thread: ThreadRecord,
  newContent: TokenEstimate | null,
  sent: TokenHistogram,
): number {
  const content = newContent?.[tokenGenerationOf(thread.model)] ?? 0;
  const visible = thread.lastOutputTokens + Math.ceil(content);
  return Math.max(visible, histogramQuantile(sent, USUALLY_SENT));
}

function forecastRates(pricer: Pick<Pricer, 'rates'>, model: string, now: EpochMs): ForecastRates {
  const rates = pricer.rates(model, now);
  return {
    inputPico: rates.input,
    outputPico: rates.output,
    cacheReadPico: rates.cacheRead,
    cacheWrite5mPico: rates.cacheWrite5m,
    cacheWrite1hPico: rates.cacheWrite1h,
  };
}

function histogramOf(counts: BucketCounts): TokenHistogram {
  return { buckets: counts };
}
