// What a project will have cost at its end. PURE. Rule: the range says how far off the same project could come out by chance alone, given how its
// days (or its pull requests) have differed so far; it knows nothing of work that will be of another kind.
import type { NanoUsd } from '../domain/money.ts';

/** What is extrapolated: days of the calendar, or merged pull requests. */
export type ForecastBasis = 'time' | 'work';

export interface ProjectForecast {
  readonly basis: ForecastBasis;
  readonly expectedNanoUsd: NanoUsd;
  /** Eight of ten such projects end within these. */
  readonly lowNanoUsd: NanoUsd;
  readonly highNanoUsd: NanoUsd;
}

export interface ForecastInput {
  readonly basis: ForecastBasis;
  /** Everything spent so far. */
  readonly spentNanoUsd: NanoUsd;
  /** What each unit that is over has cost; their mean is scaled to what all units have cost together. */
  readonly unitNanoUsd: readonly NanoUsd[];
  /** Units that are over. */
  readonly doneCount: number;
  /** Units to come; parts count. */
  readonly leftCount: number;
}

/** Fewer units tell nothing of how they differ. */
export const LEAST_UNITS = 5;
/** Quantile 0.9 of Student's t by degrees of freedom: few units are less sure of how they differ. */
const T90: readonly (readonly [number, number])[] = [
  ...[[4, 1.533] as const, [5, 1.476] as const, [6, 1.44] as const, [8, 1.397] as const],
  ...[[10, 1.372] as const, [15, 1.341] as const, [20, 1.325] as const, [30, 1.31] as const],
  [Number.POSITIVE_INFINITY, 1.282],
];

/** `null` where too little is over to tell. */
export function forecastProject(input: ForecastInput): ProjectForecast | null {
  const { basis, spentNanoUsd, unitNanoUsd, doneCount, leftCount } = input;
  const count = unitNanoUsd.length;
  if (doneCount <= 0 || count < LEAST_UNITS) return null;
  const left = Math.max(0, leftCount);
  const each = spentNanoUsd / doneCount;
  const mean = unitNanoUsd.reduce((sum, unit) => sum + unit, 0) / count;
  const scale = mean > 0 ? each / mean : 1;
  const variance =
    unitNanoUsd.reduce((sum, unit) => sum + ((unit - mean) * scale) ** 2, 0) / (count - 1);
  // What is left differs by chance, and the mean of what is over may be off.
  const deviation = Math.sqrt(variance * (left + left ** 2 / count));
  const t = T90.find(([freedom]) => count - 1 <= freedom)?.[1] ?? 1.282;
  const expected = spentNanoUsd + each * left;
  return {
    basis,
    expectedNanoUsd: Math.round(expected),
    lowNanoUsd: Math.round(Math.max(spentNanoUsd, expected - t * deviation)),
    highNanoUsd: Math.round(expected + t * deviation),
  };
}
