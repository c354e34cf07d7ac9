// The wording of what a circuit breaker found. Rule: which call, how often, what it cost.
import type { BreakerEvidence, BreakerName } from './breaker-trip.ts';
import { type SessionId, shortId } from './ids.ts';
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
      return subject === null
        ? `${count} requests in a row without a tool and without a person`
        : `${subject} ${count} times, and sent on each time without a prompt`;
    case 'spendRate':
      return `too much spent within ${count} min`;
    case 'unattended':
      return `nobody there for ${spanText(count * MINUTE_MS)}`;
    case 'growingContext':
      return `${count} requests with a growing context and no edit`;
  }
}

/** What the model is told: it can still leave the loop by itself. */
export const breakerNotice = (found: Found): string =>
  `Loop notice: ${evidenceText(found)}. Do not repeat it: change the approach, or stop and say what is missing.`;

/** A loop that is told to the person, and goes on. */
export const loopText = (found: Found): string =>
  `Tollgate: this session may go in circles: ${evidenceText(found)} (breaker ${found.breaker}). The agent was told.`;

export const trippedText = (found: Found, session: SessionId): string =>
  `Tollgate halted this session: ${evidenceText(found)} (breaker ${found.breaker}). ${resumeText(session)}`;

export const keptText = (
  { evidence, breaker }: { readonly evidence: string; readonly breaker: string },
  session: SessionId,
): string =>
  `Tollgate keeps this session halted: ${evidence} (breaker ${breaker}). ${resumeText(session)}`;

/** What lifts a breaker's halt: a person has looked. */
const resumeText = (session: SessionId): string =>
  `To go on: /budget resume, or in a terminal: tollgate resume --session ${shortId(session)}`;
