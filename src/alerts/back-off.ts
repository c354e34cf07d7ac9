// When a delivery that failed is tried again, and when it is given up.
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Delivery } from '../stores/store.ts';
import type { SendResult } from './channel.ts';

const FIRST_MS = SECOND_MS;
const LONGEST_MS = HOUR_MS;
/** A person has to change something first. */
const LASTING_MS = 5 * MINUTE_MS;
/** Each wait is longer or shorter by up to so much, so that many do not come at once. */
const JITTER_RATIO = 0.2;
const EXPIRES_MS = DAY_MS;
/** A clock that jumps ahead gives nothing up that was hardly tried. */
const LEAST_ATTEMPTS = 5;

type Failure = Extract<SendResult, { readonly kind: 'failed' }>;

/** How long to wait after a failure. `random`: from 0 to 1. */
export function waitAfter(
  { attemptCount }: Pick<Delivery, 'attemptCount'>,
  { retryAfterMs, isLasting }: Failure,
  random: number,
): number {
  const doubled = FIRST_MS * 2 ** Math.min(attemptCount, 20);
  const waitMs = Math.min(LONGEST_MS, isLasting ? Math.max(LASTING_MS, doubled) : doubled);
  const jittered = waitMs * (1 + JITTER_RATIO * (2 * random - 1));
  return Math.round(Math.max(jittered, Math.min(retryAfterMs ?? 0, LONGEST_MS)));
}

/** Whether a delivery that has just failed is given up. */
export const isExpired = (
  { attemptCount, madeAt }: Pick<Delivery, 'attemptCount' | 'madeAt'>,
  now: EpochMs,
): boolean => attemptCount + 1 >= LEAST_ATTEMPTS && now - madeAt >= EXPIRES_MS;
