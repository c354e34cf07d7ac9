// A run of the agent's program, as far as money goes: from one total that it told to the next.
import type { NanoUsd } from './money.ts';
import type { EpochMs } from './time.ts';

/** What happened between two totals of the client: a run of its program, as a rule. */
export interface HostRun {
  /** The client's total at its end, all runs before included; `null`: it has told none yet. */
  readonly hostTotalNanoUsd: NanoUsd | null;
  /** Requests, with their growth. */
  readonly requestsNanoUsd: NanoUsd;
  /** Of these, those whose cost is partly a guess: no price known, or cut off. */
  readonly guessedNanoUsd: NanoUsd;
  /** Estimates for money no line shows. */
  readonly estimatesNanoUsd: NanoUsd;
  /** When something was last known to happen before its end: a request, or its beginning; 0: never. */
  readonly lastAt: EpochMs;
}
