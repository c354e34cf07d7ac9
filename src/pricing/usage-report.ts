// What a usage line says about one response of a model, in our words, whichever agent wrote it.
// Rule: a report holds facts only; what they cost is decided in `price.ts`.
import type { Usage } from '../domain/usage.ts';

/** One response of a model, as far as its price depends on it. */
export interface UsageReport {
  /** The totals of the response; what counts unless the iterations below say more. */
  readonly usage: Usage;
  /** What the server says it ran at; asking for fast and not getting it is `standard`. */
  readonly speed: 'standard' | 'fast';
  /** Where it ran, as the server spelled it; `null`: not said. Only `us` has a price of its own. */
  readonly inferenceGeo: string | null;
  /** The steps the totals are made of; empty: not told apart. Needed where a price depends on prompt length. */
  readonly messageIterations: readonly Usage[];
  /** Answers of a second model that was asked for advice; not in the totals. */
  readonly advisors: readonly AdvisorUsage[];
  /** Summaries the server made of the context; not in the totals, and not on the client's bill. */
  readonly compactions: readonly Usage[];
}

/** The usage of an advisor, charged at its own model's rates. */
export interface AdvisorUsage {
  /** As the agent spelled it; empty when it did not say. */
  readonly model: string;
  readonly usage: Usage;
}

const NOTHING: readonly never[] = [];

/** A report of nothing but totals: standard speed, nowhere in particular. For forecasts and what-ifs. */
export function plainReport(usage: Usage): UsageReport {
  return {
    usage,
    speed: 'standard',
    inferenceGeo: null,
    messageIterations: NOTHING,
    advisors: NOTHING,
    compactions: NOTHING,
  };
}
