// Calls that fail one after the other, or with the same failure whatever is tried in between. PURE. Rule: a failure that differs from the one
// before it, after an edit, is half a failure: the work may go on.
import type { BreakerEvidence } from '../domain/breaker-trip.ts';
import { type Activity, type Breaker, type BreakerSettings, type Call, isDear } from './breaker.ts';

/** Fewer failures are no loop, whatever they cost. */
const MIN_FAILURES = 5;

export const failingCalls: Breaker = {
  name: 'failingCalls',
  judge: (activity, settings) =>
    judged(streakOf(activity.calls), activity, settings) ??
    judged(sameFailure(activity.calls), activity, settings),
};

interface Failures {
  readonly calls: readonly Call[];
  /** As they count. */
  readonly weight: number;
}

function judged(
  { calls, weight }: Failures,
  { now }: Activity,
  settings: BreakerSettings,
): BreakerEvidence | null {
  const [first] = calls;
  const last = calls.at(-1);
  if (first === undefined || last === undefined) return null;
  const costNanoUsd = now.spentNanoUsd - first.spentNanoUsd;
  const isLong = settings.times !== null && weight >= settings.times;
  if (!isLong && !(weight >= MIN_FAILURES && isDear(costNanoUsd, settings))) return null;
  return { count: calls.length, costNanoUsd, subject: last.subject, sinceAt: first.at };
}

/** The newest failures without a success among them; edits and reads that succeed end nothing. */
function streakOf(calls: readonly Call[]): Failures {
  const failures: Call[] = [];
  let weight = 0;
  let hasEdited = false;
  for (const call of calls) {
    if (call.hasFailed) {
      const isProgress = hasEdited && failures.at(-1)?.outcome !== call.outcome;
      weight += isProgress ? 0.5 : 1;
      failures.push(call);
      hasEdited = false;
    } else if (call.kind === 'edit') hasEdited = true;
    else if (call.kind === 'other') {
      failures.length = 0;
      weight = 0;
    }
  }
  return { calls: failures, weight };
}

/** The newest failure, as often as it came since the same call last succeeded. */
function sameFailure(calls: readonly Call[]): Failures {
  const last = calls.findLast(({ hasFailed }) => hasFailed);
  if (last === undefined) return { calls: [], weight: 0 };
  const success = calls.findLastIndex(({ asked, hasFailed }) => asked === last.asked && !hasFailed);
  const same = calls
    .slice(success + 1)
    .filter(({ hasFailed, outcome }) => hasFailed && outcome === last.outcome);
  return { calls: same, weight: same.length };
}
