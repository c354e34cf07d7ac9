// The same call again and again, with the same result and no change in between: one call, or several in turn. PURE.
import type { BreakerEvidence } from '../domain/breaker-trip.ts';
import {
  type Activity,
  type Breaker,
  type BreakerSettings,
  type Call,
  isDear,
  responseCount,
  sinceChange,
} from './breaker.ts';

/** Of so many times as many calls the same one has to be one in this. */
const DENSITY = 3;
/** Calls in turn are repeated so many times as often as a single one before it counts. */
const IN_TURN = 2;
/** Fewer repetitions are no loop, whatever they cost. */
const MIN_REPEATS = 3;

export const repeatedCalls: Breaker = {
  name: 'repeatedCalls',
  judge: (activity, settings) =>
    sameCall(activity, settings) ??
    inTurn(activity, settings) ??
    sameEdit(activity, settings) ??
    editsInTurn(activity, settings),
};

/** One call so many times, in recent calls that are mostly this one. */
function sameCall({ calls, now }: Activity, { times }: BreakerSettings): BreakerEvidence | null {
  if (times === null) return null;
  const found = mostFrequent(sinceChange(calls).slice(-DENSITY * times), ({ same }) => same);
  return responseCount(found) < times ? null : evidenceOf(found, now);
}

/** Calls in a row that were all made before, with the same result. */
function inTurn({ calls, now }: Activity, settings: BreakerSettings): BreakerEvidence | null {
  const recent = sinceChange(calls);
  const seen = new Set<string>();
  let streak: Call[] = [];
  let before: Call | undefined;
  recent.forEach((call, index) => {
    if (seen.has(call.same)) {
      if (streak.length === 0) before = recent[index - 1];
      streak.push(call);
    } else streak = [];
    seen.add(call.same);
  });
  const repeatCount = responseCount(streak);
  if (before === undefined || repeatCount < MIN_REPEATS) return null;
  const evidence = evidenceOf([before, ...streak], now);
  const isLong = settings.times !== null && repeatCount >= IN_TURN * settings.times;
  return isLong || isDear(evidence.costNanoUsd, settings) ? evidence : null;
}

/** One edit so often that something else must have undone it. */
function sameEdit({ calls, now }: Activity, { times }: BreakerSettings): BreakerEvidence | null {
  const edits = calls.filter(({ kind }) => kind === 'edit');
  const found = mostFrequent(edits, ({ asked }) => asked);
  const limit = times === null ? Infinity : Math.max(MIN_REPEATS, Math.ceil(times / 2));
  return responseCount(found) < limit ? null : evidenceOf(found, now);
}

/** The newest edits, as long as each was made before: files that go through the same states. */
function editsInTurn({ calls, now }: Activity, settings: BreakerSettings): BreakerEvidence | null {
  const seen = new Set<string>();
  let again: Call[] = [];
  for (const edit of calls.filter(({ kind, hasFailed }) => kind === 'edit' && !hasFailed)) {
    again = seen.has(edit.asked) ? [...again, edit] : [];
    seen.add(edit.asked);
  }
  const first = calls.find(({ asked }) => asked === again[0]?.asked);
  const evidence = evidenceOf(first === undefined ? [] : [first, ...again], now);
  const isLoop = responseCount(again) >= MIN_REPEATS && isDear(evidence.costNanoUsd, settings);
  return isLoop ? evidence : null;
}

/** The calls that are the same as most others are. */
function mostFrequent(calls: readonly Call[], keyOf: (call: Call) => string): readonly Call[] {
  const groups = new Map<string, Call[]>();
  for (const call of calls) {
    const group = groups.get(keyOf(call));
    if (group === undefined) groups.set(keyOf(call), [call]);
    else group.push(call);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}

/** What was spent since the first one, which was no repetition. */
function evidenceOf(calls: readonly Call[], { spentNanoUsd }: Activity['now']): BreakerEvidence {
  const [first] = calls;
  return {
    count: responseCount(calls),
    costNanoUsd: spentNanoUsd - (first?.spentNanoUsd ?? spentNanoUsd),
    subject: calls.at(-1)?.subject ?? null,
    sinceAt: first?.at ?? 0,
  };
}
