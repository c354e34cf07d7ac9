// Whether a session was warned before it was halted: each request is decided on as the gate decides.
import { decide } from '../../src/domain/decide.ts';
import { type ForecastLevel, forecast } from '../../src/domain/forecast.ts';
import { budgetId, sessionId } from '../../src/domain/ids.ts';
import type { BudgetStatus } from '../../src/domain/spend.ts';
import { EMPTY_HISTOGRAM, tokenBucket } from '../../src/domain/token-histogram.ts';
import type { Workload } from './workload.ts';

/** Shares of the ceiling that were spent; `warnedRatio` is `null` where no warning came before the halt. */
export interface WarnedEnd {
  readonly warnedRatio: number | null;
  readonly haltedRatio: number;
}

const SOFT_RATIO = 0.8;

/** How a session is warned and halted under a ceiling whose soft limit is at four fifths of it. */
export function warnedEnd({ ceilingNanoUsd, steps }: Workload, level: ForecastLevel): WarnedEnd {
  const outputs = new Map<number, number>();
  const news = new Map<number, number>();
  let spent = 0;
  let warnedRatio: number | null = null;
  for (const [at, step] of steps.entries()) {
    const hold = () =>
      forecast({
        level,
        rates: step.rates,
        cachedTokens: step.cachedTokens,
        cacheExpired: step.cacheExpired,
        cacheWriteLifetime: '5m',
        newTokens: step.newTokensEstimate,
        newTokensHistogram: { buckets: news },
        sessionOutput: { buckets: outputs },
        modelOutput: EMPTY_HISTOGRAM,
        machineOutput: EMPTY_HISTOGRAM,
        ceilingNanoUsd,
      }).holdNanoUsd;
    const { verdict } = decide({
      now: at,
      sessionId: sessionId('s'),
      budgetStatuses: [statusOf(spent, ceilingNanoUsd, warnedRatio !== null)],
      forecastNanoUsd: at === 0 ? 0 : hold(),
      haltRecord: null,
      unknownModel: null,
      spawn: null,
    });
    if (verdict.kind === 'halt') return { warnedRatio, haltedRatio: spent / ceilingNanoUsd };
    if (verdict.kind === 'warn') warnedRatio ??= spent / ceilingNanoUsd;
    spent += step.costNanoUsd;
    count(outputs, step.outputTokens);
    if (at > 0) count(news, step.newTokens);
  }
  // The last request took it far over: there is none after it to be halted.
  return { warnedRatio, haltedRatio: spent / ceilingNanoUsd };
}

const statusOf = (spent: number, ceiling: number, isWarned: boolean): BudgetStatus => ({
  budget: {
    id: budgetId('session'),
    scope: { where: {}, per: [] },
    period: { kind: 'session', followChain: false },
    softNanoUsd: Math.round(SOFT_RATIO * ceiling),
    wrapUpRatio: null,
    hardNanoUsd: ceiling,
    mode: 'enforce',
  },
  windowKey: 'session',
  windowLabel: 'session',
  window: { startAt: 0, endAt: Number.POSITIVE_INFINITY },
  postedNanoUsd: spent,
  inheritedNanoUsd: 0,
  reservedNanoUsd: 0,
  grantedNanoUsd: 0,
  announced: isWarned ? ['soft'] : [],
});

function count(counts: Map<number, number>, tokens: number): void {
  const bucket = tokenBucket(tokens);
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
}
