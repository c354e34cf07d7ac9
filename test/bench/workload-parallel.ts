// Several threads on one ceiling at the same time: each asks before a request, holds while it is in
// flight, settles after.
import { type Forecast, type ForecastLevel, forecast } from '../../src/domain/forecast.ts';
import { type TokenHistogram, tokenBucket } from '../../src/domain/token-histogram.ts';
import { rngOf, type Step, type Workload } from './workload.ts';

/**
 * How the amounts in flight are added up before a request: each hold in full; or what each is
 * expected to cost with the root of the sum of squares of the margins ("independent tails rarely
 * come together").
 */
export type Pooling = 'sum' | 'root';

/** Several threads and the one ceiling that they share. */
export interface Together {
  readonly threads: readonly Workload[];
  readonly ceilingNanoUsd: number;
  readonly level: ForecastLevel;
  readonly pooling: Pooling;
  /**
   * One session with subagents: the first halt ends all. Otherwise each thread is a session and
   * halts for itself.
   */
  readonly isOneSession: boolean;
  readonly seed: number;
}

// A main loop has made so many requests when it starts its subagents.
const REQUESTS_BEFORE_SPAWN = 4;

interface Flight {
  readonly step: Step;
  readonly hold: Forecast;
  readonly landsAt: number;
}

/** What was spent, in nano-dollars, when nobody goes on. */
export function spendTogether(together: Together): number {
  const { threads, ceilingNanoUsd, level, pooling, isOneSession, seed } = together;
  const rng = rngOf(seed);
  const buckets = threads.map(() => new Map<number, number>());
  const all = new Map<number, number>();
  const next = threads.map(() => 0);
  const flights = new Map<number, Flight>();
  const halted = new Set<number>();
  let spent = 0;
  let now = 0;
  const none: TokenHistogram = { buckets: [] };
  const ask = (index: number) => {
    const step = threads[index]?.steps[next[index] ?? 0];
    if (!step || halted.has(index)) return;
    const hold = forecast({
      level,
      rates: step.rates,
      cachedTokens: step.cachedTokens,
      cacheExpired: step.cacheExpired,
      cacheWriteLifetime: '5m',
      newTokens: step.newTokensEstimate,
      sessionOutput: { buckets: isOneSession ? all : (buckets[index] ?? all) },
      modelOutput: { buckets: all },
      machineOutput: none,
      ceilingNanoUsd,
    });
    const holds = [...flights.values()].map((flight) => flight.hold).concat(hold);
    const total = pooling === 'sum' ? sumOfHolds(holds) : rootOfHolds(holds);
    if (spent + total > ceilingNanoUsd) {
      if (isOneSession) for (let i = 0; i < threads.length; i++) halted.add(i);
      else halted.add(index);
      return;
    }
    next[index] = (next[index] ?? 0) + 1;
    flights.set(index, { step, hold, landsAt: now + 1 + 4 * rng.next() + step.outputTokens / 60 });
  };
  let landedCount = 0;
  for (let i = 0; i < (isOneSession ? 1 : threads.length); i++) ask(i);
  while (flights.size > 0) {
    const [index, flight] = [...flights.entries()].reduce((a, b) =>
      a[1].landsAt <= b[1].landsAt ? a : b,
    );
    now = flight.landsAt;
    flights.delete(index);
    spent += flight.step.costNanoUsd;
    const bucket = tokenBucket(flight.step.outputTokens);
    const own = buckets[index];
    own?.set(bucket, (own.get(bucket) ?? 0) + 1);
    all.set(bucket, (all.get(bucket) ?? 0) + 1);
    landedCount++;
    if (isOneSession && landedCount === REQUESTS_BEFORE_SPAWN) {
      for (let i = 1; i < threads.length; i++) ask(i);
    }
    ask(index);
  }
  return spent;
}

const sumOfHolds = (holds: readonly Forecast[]) =>
  holds.reduce((sum, hold) => sum + hold.holdNanoUsd, 0);

const rootOfHolds = (holds: readonly Forecast[]) => {
  const expected = holds.reduce((sum, hold) => sum + hold.expectedNanoUsd, 0);
  const margins = holds.map((hold) => hold.holdNanoUsd - hold.expectedNanoUsd);
  return expected + Math.hypot(...margins);
};
