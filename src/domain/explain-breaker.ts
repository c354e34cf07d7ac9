// The wording of what a circuit breaker found. Rule: which call, how often, what it cost.
import type { BreakerEvidence, BreakerName } from './breaker-trip.ts';
import { formatUsd } from './money.ts';
import { MINUTE_MS, spanText } from './time.ts';

type Found = BreakerEvidence & { readonly breaker: BreakerName };

/** The evidence as half a sentence: `Bash 8 times with the same input and result ($0.42)`. */
export function evidenceText(found: Found): string {
  return `${factText(found)} (${formatUsd(found.costNanoUsd)})`;
}

function factText({ breaker, count, subject }: Found): string {
  const what = subject ?? 'tools';
  switch (breaker) {
    case 'repeatedCalls':
      return `${what} ${count} times with the same input and result, and no change between`;
    case 'failingCalls':
      return `${count} failing calls, ${what} the last`;
    case 'repeatedReads':
      return `files read again ${count} times with no edit between, ${what} the last`;
    case 'requestsWithoutTools':
      return `${count} requests in a row without a tool and without a person`;
    case 'spendRate':
      return `spent within ${count} min`;
    case 'unattended':
      return `nobody there for ${spanText(count * MINUTE_MS)}`;
    case 'growingContext':
      return `${count} requests with a growing context and no edit`;
  }
}

/** What the model is told: it can still leave the loop by itself. */
export const breakerNotice = (found: Found): string =>
  `Loop notice: ${evidenceText(found)}. Do not repeat it: change the approach, or stop and say what is missing.`;
