// Sessions whose requests differ by under a tenth, alone; and four threads under a small ceiling, whose requests differ by a
// given share. Seen as the gate sees them: the last response and what a request usually sends are all that is known of the next one.
import { type Forecast, type ForecastLevel, forecast } from '../../src/domain/forecast.ts';
import { histogramQuantile, tokenBucket } from '../../src/domain/token-histogram.ts';
import { MODELS, type Rates, rngOf, type Step, uniform, type Workload } from './workload.ts';
import { spendTogether } from './workload-parallel.ts';

const CEILING_NANO_USD = 5e9;
/** Two requests that are this share off their mean differ by at most a tenth. */
const REGULAR = 0.0475;
const THREAD_COUNT = 4;
const FITTING_COUNT = 16;

/** How a session ended. */
export interface RegularEnd {
  readonly utilisation: number;
  readonly requestCount: number;
  /** Of the request that was not made. */
  readonly forecast: Forecast;
}

/** A session under $5; `meanUsd` left out: between $0.05 and $0.40. */
export function regularSession(seed: number, level: ForecastLevel, meanUsd?: number): RegularEnd {
  const { rng, rates, stepOf } = requestsAround(seed, meanUsd ?? null, REGULAR);
  const outputs = new Map<number, number>();
  const news = new Map<number, number>();
  let spent = 0;
  for (let requestCount = 0, last: Step | null = null; ; requestCount++) {
    const step = stepOf(rng());
    if (last !== null) {
      const made = forecast({
        level,
        rates,
        cachedTokens: last.cachedTokens + last.newTokens + last.outputTokens,
        cacheExpired: false,
        cacheWriteLifetime: '5m',
        newTokens: Math.max(last.outputTokens, histogramQuantile({ buckets: news }, 0.9)),
        newTokensHistogram: { buckets: news },
        sessionOutput: { buckets: outputs },
        modelOutput: { buckets: outputs },
        machineOutput: { buckets: outputs },
        ceilingNanoUsd: CEILING_NANO_USD,
      });
      if (spent + made.holdNanoUsd > CEILING_NANO_USD) {
        return { utilisation: spent / CEILING_NANO_USD, requestCount, forecast: made };
      }
    }
    spent += step.costNanoUsd;
    count(outputs, step.outputTokens);
    count(news, step.newTokens);
    last = step;
  }
}

/**
 * The utilisation of a ceiling that has room for 16 requests, when a main loop and three subagents share it. `around`: how far
 * requests are off their mean at most, as a share of it.
 */
export function fourThreads(seed: number, level: ForecastLevel, around = REGULAR): number {
  const { rng, meanNanoUsd, stepOf } = requestsAround(seed, null, around);
  const ceilingNanoUsd = FITTING_COUNT * meanNanoUsd;
  const threads = Array.from(
    { length: THREAD_COUNT },
    (): Workload => ({
      ceilingNanoUsd,
      drawOutput: () => 0,
      steps: Array.from({ length: 3 * FITTING_COUNT }, () => stepOf(rng())),
    }),
  );
  const spent = spendTogether({
    ...{ threads, ceilingNanoUsd, level, seed },
    pooling: 'sum',
    isOneSession: true,
  });
  return spent / ceilingNanoUsd;
}

/** What a session's requests are made of; a request is drawn by how far it is from the mean, about 1. */
function requestsAround(seed: number, meanUsd: number | null, around: number) {
  const source = rngOf(seed);
  for (let i = 0; i < 8; i++) source.next();
  const names = Object.keys(MODELS);
  const rates = MODELS[names[Math.floor(source.next() * names.length)] ?? 'opus-4-6'] as Rates;
  const mean = meanUsd ?? uniform(source, 0.05, 0.4);
  const outputShare = uniform(source, 0.2, 0.9);
  const newShare = (1 - outputShare) * uniform(source, 0, 0.6);
  const tokens = (share: number, pico: number) => (share * mean * 1e12) / pico;
  const amounts = {
    output: tokens(outputShare, rates.outputPico),
    sent: tokens(newShare, rates.cacheWrite5mPico),
    cached: tokens(1 - outputShare - newShare, rates.cacheReadPico),
  };
  const stepOf = (factor: number): Step => {
    const [outputTokens, newTokens, cachedTokens] = [
      Math.round(amounts.output * factor),
      Math.round(amounts.sent * factor),
      Math.round(amounts.cached * factor),
    ];
    const pico =
      outputTokens * rates.outputPico +
      newTokens * rates.cacheWrite5mPico +
      cachedTokens * rates.cacheReadPico;
    return {
      ...{ rates, thread: 0, cachedTokens, cacheExpired: false, newTokens, outputTokens },
      newTokensEstimate: newTokens,
      costNanoUsd: Math.round(pico / 1000),
    };
  };
  const rng = () => 1 + uniform(source, -around, around);
  return { rng, rates, meanNanoUsd: mean * 1e9, stepOf };
}

function count(counts: Map<number, number>, tokens: number): void {
  const bucket = tokenBucket(tokens);
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
}
