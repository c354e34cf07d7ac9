// Token counts of requests, in the six classes a provider charges for.
// Rule: counts are whole, never negative; absence of a class is 0.

/** Token counts of one request (or of a sum of requests). */
export interface Usage {
  /** Prompt tokens that were neither read from nor written to the cache. */
  readonly inputTokens: number;
  /** Everything the model wrote, thinking included. */
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  /** Searches the provider ran for the model, charged by the piece. */
  readonly webSearchCount: number;
}

/** Nothing used; the neutral element of `addUsage`. */
export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  webSearchCount: 0,
};

/** Sum of two usages, class by class. */
export function addUsage(a: Usage, b: Usage): Usage {
  return combine(a, b, 1);
}

/** What `a` has more than `b`, class by class; negative where `b` has more. */
export function subtractUsage(a: Usage, b: Usage): Usage {
  return combine(a, b, -1);
}

/** Everything the model had to read for this request: the tokens its context occupied. */
export function promptTokens(usage: Omit<Usage, 'outputTokens' | 'webSearchCount'>): number {
  return (
    usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
  );
}

function combine(a: Usage, b: Usage, sign: 1 | -1): Usage {
  return {
    inputTokens: a.inputTokens + sign * b.inputTokens,
    outputTokens: a.outputTokens + sign * b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + sign * b.cacheReadTokens,
    cacheWrite5mTokens: a.cacheWrite5mTokens + sign * b.cacheWrite5mTokens,
    cacheWrite1hTokens: a.cacheWrite1hTokens + sign * b.cacheWrite1hTokens,
    webSearchCount: a.webSearchCount + sign * b.webSearchCount,
  };
}
