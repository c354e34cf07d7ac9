// How the context of the main loop grew. Rule: pure; a context is what a request had the model read.
import type { LedgerLine } from '../../domain/aggregates.ts';
import { promptTokens } from '../../domain/usage.ts';

export interface ContextGrowth {
  readonly firstTokens: number;
  readonly largestTokens: number;
  readonly meanTokens: number;
  /** Requests of the main loop. */
  readonly requestCount: number;
}

export function findContextGrowth(requests: readonly LedgerLine[]): ContextGrowth {
  const contexts = requests
    .filter(({ agentId }) => agentId === null)
    .map(({ usage }) => promptTokens(usage));
  const sum = contexts.reduce((total, tokens) => total + tokens, 0);
  return {
    firstTokens: contexts[0] ?? 0,
    largestTokens: contexts.reduce((most, tokens) => Math.max(most, tokens), 0),
    meanTokens: contexts.length > 0 ? Math.round(sum / contexts.length) : 0,
    requestCount: contexts.length,
  };
}
