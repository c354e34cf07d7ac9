// Gathers what the ledger knows about a thread and asks the forecast what its next request may cost.

import type { SafetyLevel } from '../config/config.ts';
import type { Forecast, ForecastRates } from '../domain/forecast.ts';
import { forecast, type KnownInput, mostHeld } from '../domain/forecast.ts';
import type { NanoUsd } from '../domain/money.ts';
import { historyMedian, type OutputHistory } from '../domain/output-history.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { BucketCounts, Store, ThreadRecord } from '../stores/store.ts';

/** Bytes of JSON that make a token, on the low side: too many tokens is the safe mistake. */
const BYTES_PER_TOKEN = 3.3;

const NOTHING: Forecast = {
  expectedNanoUsd: 0,
  holdNanoUsd: 0,
  knownNanoUsd: 0,
  confidence: 0,
  sampleCount: 0,
};

export interface NextRequestDeps {
  readonly store: Pick<Store, 'readHistory'>;
  readonly pricer: Pick<Pricer, 'rates'>;
  readonly safety: SafetyLevel;
  /** The ceiling the request must stay under; `null`: none. */
  readonly ceilingNanoUsd: NanoUsd | null;
}

/**
 * What the next request of a thread may cost. A thread that has made none yet forecasts nothing: neither
 * its model nor its context is known, and holding back a guess would stop sessions before they begin.
 */
export function forecastNext(
  thread: ThreadRecord | null,
  newBytes: number | null,
  deps: NextRequestDeps,
  now: EpochMs,
): Forecast {
  if (thread === null) return NOTHING;
  const sent = sentHistory(thread, deps);
  return forecast({
    ...knownInput(thread, newBytes, sent, deps, now),
    level: deps.safety,
    newTokensHistory: sent,
    sessionOutput: historyOf(deps.store.readHistory(`session:${thread.sessionId}`)),
    modelOutput: historyOf(deps.store.readHistory(`model:${thread.model}`)),
    machineOutput: historyOf(deps.store.readHistory('machine')),
    ...(deps.ceilingNanoUsd === null ? {} : { ceilingNanoUsd: deps.ceilingNanoUsd }),
  });
}

/** More than the next request of a thread is ever taken to cost, under a ceiling; a look, where a forecast is a sum. */
export function mostNext(
  thread: ThreadRecord,
  newBytes: number | null,
  deps: Omit<NextRequestDeps, 'safety'> & { readonly ceilingNanoUsd: NanoUsd },
  now: EpochMs,
): NanoUsd {
  const known = knownInput(thread, newBytes, sentHistory(thread, deps), deps, now);
  return mostHeld(known, deps.ceilingNanoUsd);
}

const sentHistory = (
  thread: ThreadRecord,
  { store }: Pick<NextRequestDeps, 'store'>,
): OutputHistory => historyOf(store.readHistory(`new:${thread.sessionId}`));

function knownInput(
  thread: ThreadRecord,
  newBytes: number | null,
  sent: OutputHistory,
  { pricer }: Pick<NextRequestDeps, 'pricer'>,
  now: EpochMs,
): KnownInput & { readonly newTokens: number } {
  const lifetimeMs = thread.cacheLifetime === '1h' ? HOUR_MS : 5 * MINUTE_MS;
  return {
    rates: forecastRates(pricer, thread.model, now),
    cachedTokens: thread.contextTokens,
    cacheExpired: now - thread.lastRequestAt > lifetimeMs,
    cacheWriteLifetime: thread.cacheLifetime,
    newTokens: newTokensOf(thread, newBytes, sent),
  };
}

/**
 * What the next request sends for the first time: the last response, and the results of its tools. What a
 * request of this session usually sends is the least: the agent adds words of its own that nobody can see.
 */
function newTokensOf(thread: ThreadRecord, newBytes: number | null, sent: OutputHistory): number {
  const visible = thread.lastOutputTokens + Math.ceil((newBytes ?? 0) / BYTES_PER_TOKEN);
  return Math.max(visible, historyMedian(sent));
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

function historyOf(counts: BucketCounts): OutputHistory {
  return { buckets: counts };
}
