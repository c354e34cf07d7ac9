// Calls that fail one after the other, or with the same failure whatever is tried in between. PURE. Rule: after an edit, a failure that differs
// from the one before it begins anew: the work goes on.
import type { BreakerEvidence } from '../domain/breaker-trip.ts';
import { type Activity, type Breaker, type Call, isDear, responseCount } from './breaker.ts';

/** Failures that differ are so many times as often before they count. */
const IN_A_ROW = 1.5;
/** Of so many times as many responses the same failure has to be in one. */
const DENSITY = 4;
/** Fewer of the same failure are no loop, whatever they cost. */
const MIN_FAILURES = 5;

export const failingCalls: Breaker = {
  name: 'failingCalls',
  judge: ({ calls, now }, settings) => {
    const { times } = settings;
    const streak = streakOf(calls);
    if (times !== null && responseCount(streak) >= IN_A_ROW * times) return evidenceOf(streak, now);
    const same = sameFailure(calls);
    if (times !== null && responseCount(same) >= times) return evidenceOf(same, now);
    // Sooner where the tool has not worked in between.
    const unbroken = same.filter(({ at }) => at > workedAt(calls, same));
    const evidence = evidenceOf(unbroken, now);
    const isEnough = evidence.count >= MIN_FAILURES && isDear(evidence.costNanoUsd, settings);
    return isEnough ? evidence : null;
  },
};

/** When the tool that fails has last succeeded; before all, where it has not. */
const workedAt = (calls: readonly Call[], failures: readonly Call[]): number =>
  calls.findLast((call) => !call.hasFailed && toolOf(call) === toolOf(failures.at(-1) ?? call))
    ?.at ?? 0;

/** What was spent since the first one. */
function evidenceOf(
  failures: readonly Call[],
  { at, spentNanoUsd }: Activity['now'],
): BreakerEvidence {
  const [first] = failures;
  return {
    count: responseCount(failures),
    costNanoUsd: spentNanoUsd - (first?.spentNanoUsd ?? spentNanoUsd),
    subject: failures.at(-1)?.subject ?? null,
    sinceAt: first?.at ?? at,
  };
}

/** The newest failures without a success among them; edits and reads that succeed end nothing. */
function streakOf(calls: readonly Call[]): readonly Call[] {
  let failures: Call[] = [];
  let hasEdited = false;
  for (const call of calls) {
    if (call.hasFailed) {
      const isProgress = hasEdited && failures.at(-1)?.outcome !== call.outcome;
      failures = isProgress ? [call] : [...failures, call];
      hasEdited = false;
    } else if (call.kind === 'edit') hasEdited = true;
    else if (call.kind === 'other') failures = [];
  }
  return failures;
}

/** The newest failure, as often as it came since the same call last succeeded, and as long as little else was done between. */
function sameFailure(calls: readonly Call[]): readonly Call[] {
  const last = calls.findLast(({ hasFailed }) => hasFailed);
  if (last === undefined) return [];
  const success = calls.findLastIndex(({ asked, hasFailed }) => asked === last.asked && !hasFailed);
  const recent = calls.slice(success + 1);
  const same = recent.filter(({ hasFailed, outcome }) => hasFailed && outcome === last.outcome);
  const from = same.findIndex((first, nth) => {
    const since = recent.slice(recent.indexOf(first));
    return responseCount(since) <= DENSITY * responseCount(same.slice(nth));
  });
  return same.slice(from);
}

const toolOf = ({ subject }: Call): string => subject.split(' ')[0] ?? '';
