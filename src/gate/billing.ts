// Whether a plan covers what is spent here, so that dollars are list prices nobody bills. Rule: what the configuration says counts; where it
// says nothing, a plan is seen by what Claude Code has told of its windows lately.
import type { Config } from '../config/config.ts';
import { PLAN_WINDOWS } from '../domain/plan-window.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { Store } from '../stores/store.ts';

/** A window that ended longer ago than this says nothing of today. */
const SEEN_MS = 7 * DAY_MS;

/** Whether dollars are list prices that a plan covers. */
export function isOnPlan(
  { billing }: Pick<Config, 'billing'>,
  store: Pick<Store, 'readPlanReadings'>,
  now: EpochMs,
): boolean {
  // What is held of an older configuration does not have it.
  if (billing != null) return billing === 'plan';
  return PLAN_WINDOWS.some((name) => {
    const [newest] = store.readPlanReadings(name, 1);
    return newest !== undefined && newest.endAt > now - SEEN_MS;
  });
}
