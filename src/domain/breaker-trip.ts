// What a circuit breaker found: which one, on what, how often, and what it cost. Rule: codes and numbers, never what a tool was given.
import type { NanoUsd } from './money.ts';
import type { EpochMs } from './time.ts';

/** The circuit breakers, in the order in which they are shown. */
export const BREAKER_NAMES = [
  'repeatedCalls',
  'failingCalls',
  'repeatedReads',
  'requestsWithoutTools',
  'spendRate',
  'unattended',
  'growingContext',
] as const;

export type BreakerName = (typeof BREAKER_NAMES)[number];

/** What led a breaker to trip. */
export interface BreakerEvidence {
  /** How often it happened: calls, failures, reads, requests; minutes for `unattended`. */
  readonly count: number;
  /** What was spent meanwhile. */
  readonly costNanoUsd: NanoUsd;
  /** The tool, and the file of one that reads or writes files; `null`: no single call. */
  readonly subject: string | null;
  /** When it began. */
  readonly sinceAt: EpochMs;
}

/** A breaker that has tripped. */
export interface BreakerTrip extends BreakerEvidence {
  readonly breaker: BreakerName;
  readonly mode: 'observe' | 'warn' | 'enforce';
  /** False while it goes on tripping for the same reason. */
  readonly isNew: boolean;
}
