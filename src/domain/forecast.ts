// v1 (usable, being calibrated): what the next request will cost, and how much to hold back for it. PURE.
import {
  BUCKET_MIDS,
  historyCounts,
  LAST_BUCKET,
  type OutputHistory,
  outputBucket,
} from './output-history.ts';

export type ForecastLevel = 'none' | 'expected' | 'cautious' | 'strict';
export interface ForecastRates {
  readonly inputPico: number;
  readonly outputPico: number;
  readonly cacheReadPico: number;
  readonly cacheWrite5mPico: number;
  readonly cacheWrite1hPico: number;
}
export interface ForecastInput {
  readonly level: ForecastLevel;
  readonly rates: ForecastRates;
  readonly cachedTokens: number;
  readonly cacheExpired: boolean;
  readonly cacheWriteLifetime: '5m' | '1h';
  readonly newTokens: number | null;
  readonly newTokensHistory?: OutputHistory;
  readonly sessionOutput: OutputHistory;
  readonly modelOutput: OutputHistory;
  readonly machineOutput: OutputHistory;
  readonly ceilingNanoUsd?: number;
}
export interface Forecast {
  readonly expectedNanoUsd: number;
  readonly holdNanoUsd: number;
  readonly knownNanoUsd: number;
  readonly confidence: number;
  readonly sampleCount: number;
}
const RISK = { cautious: 0.03, strict: 0.004 } as const;
const PRIOR = { mean: outputBucket(250), sd: 7.5, weight: 1, degrees: 6 };

export function forecast(input: ForecastInput): Forecast {
  const { rates } = input;
  const writePico =
    input.cacheWriteLifetime === '1h' ? rates.cacheWrite1hPico : rates.cacheWrite5mPico;
  const readNano = (input.cachedTokens * rates.cacheReadPico) / 1000;
  const cachedNano = input.cacheExpired ? (input.cachedTokens * writePico) / 1000 : readNano;
  const known = cachedNano + ((input.newTokens ?? 0) * writePico) / 1000;
  const session = historyCounts(input.sessionOutput);
  const n = session.reduce((a, b) => a + b, 0);
  const p = predictive(
    session,
    historyCounts(input.modelOutput),
    historyCounts(input.machineOutput),
  );
  let meanOut = 0;
  for (let b = 0; b <= LAST_BUCKET; b++) meanOut += (p[b] ?? 0) * (BUCKET_MIDS[b] ?? 0);
  let meanNew = 0;
  if (input.newTokensHistory) {
    const c = historyCounts(input.newTokensHistory);
    const t = c.reduce((a, b) => a + b, 0);
    if (t > 0)
      c.forEach((k, b) => {
        meanNew += (k / t) * (BUCKET_MIDS[b] ?? 0);
      });
  }
  const out = (tokens: number) => (tokens * rates.outputPico) / 1000;
  const step = readNano + out(meanOut) + (meanNew * writePico) / 1000;
  const unknownNew = input.newTokens === null ? (meanNew * writePico) / 1000 : 0;
  const expected = known + unknownNew + out(meanOut);
  let hold = 0;
  if (input.level === 'expected') hold = expected;
  if (input.level === 'cautious' || input.level === 'strict') {
    const target = rates.outputPico > 0 ? (RISK[input.level] * step * 1000) / rates.outputPico : 0;
    hold = Math.max(expected, known + 2 * unknownNew + out(excessPoint(p, target)));
  }
  let confidence = 0;
  for (let b = 0; b <= LAST_BUCKET; b++)
    if (known + unknownNew + out(BUCKET_MIDS[b] ?? 0) <= hold) confidence += p[b] ?? 0;
  return {
    expectedNanoUsd: Math.ceil(expected),
    holdNanoUsd: Math.ceil(hold),
    knownNanoUsd: Math.ceil(known),
    confidence: Math.min(1, confidence),
    sampleCount: n,
  };
}

function predictive(session: number[], model: number[], machine: number[]): number[] {
  const { w, t } = {
    w: 8,
    t: studentT([
      [session, Infinity],
      [model, 8],
      [machine, 4],
    ]),
  };
  const n = session.reduce((a, b) => a + b, 0);
  return t.map((q, b) => (w * q + (session[b] ?? 0)) / (n + w));
}

function studentT(sources: [number[], number][]): number[] {
  let n = 0,
    s1 = 0,
    s2 = 0;
  for (const [counts, cap] of sources) {
    const total = counts.reduce((a, b) => a + b, 0);
    const k = total > cap ? cap / total : 1;
    counts.forEach((c, b) => {
      n += k * c;
      s1 += k * c * b;
      s2 += k * c * b * b;
    });
  }
  const mean = n > 0 ? s1 / n : 0;
  const ss = n > 0 ? s2 - n * mean * mean : 0;
  const kn = PRIOR.weight + n,
    mu = (PRIOR.weight * PRIOR.mean + n * mean) / kn,
    nu = PRIOR.degrees + n;
  const v =
    ((PRIOR.degrees * PRIOR.sd ** 2 + ss + ((PRIOR.weight * n) / kn) * (mean - PRIOR.mean) ** 2) /
      nu) *
    (1 + 1 / kn);
  const q: number[] = [];
  let sum = 0;
  for (let b = 0; b <= LAST_BUCKET; b++) {
    const d = b > 65 ? 0 : (1 + (b - mu) ** 2 / (nu * v)) ** (-(nu + 1) / 2);
    q.push(d);
    sum += d;
  }
  return q.map((d) => d / sum);
}

/** The smallest t with E[(output − t)+] ≤ target, in tokens. */
function excessPoint(p: number[], target: number): number {
  let mass = 0,
    moment = 0;
  for (let b = LAST_BUCKET; b >= 0; b--) {
    mass += p[b] ?? 0;
    moment += (p[b] ?? 0) * (BUCKET_MIDS[b] ?? 0);
    const below = b > 0 ? (BUCKET_MIDS[b - 1] ?? 0) : 0;
    if (mass > 0 && moment - below * mass > target) return Math.max(0, (moment - target) / mass);
  }
  return 0;
}
