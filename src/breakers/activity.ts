// How what is remembered of a thread goes on with what happens in it. PURE.
import type { Activity, Call, Step } from './breaker.ts';

/** Calls that are remembered; breakers look no further back. */
const MAX_CALLS = 64;

/** A thread of which nothing is known yet. */
function newActivity({ at, spentNanoUsd, contextTokens }: Step): Activity {
  const mark = { at, spentNanoUsd };
  return {
    calls: [],
    withoutTools: { ...mark, count: 0 },
    turnEnds: { ...mark, count: 0 },
    attended: mark,
    context: { ...mark, tokens: contextTokens, requestCount: 0 },
    now: { ...mark, contextTokens },
    told: [],
  };
}

/** What is remembered after a step; `null` before the first one. */
export function advance(before: Activity | null, step: Step): Activity {
  const known = before ?? newActivity(step);
  const { at, spentNanoUsd, contextTokens } = step;
  const mark = { at, spentNanoUsd };
  const now = { ...mark, contextTokens };
  switch (step.kind) {
    case 'prompt':
      // A person looks at what was done, and says what comes next.
      return step.isAttended
        ? { ...newActivity(step), told: known.told }
        : { ...known, now, turnEnds: { ...mark, count: 0 } };
    case 'response': {
      const { withoutTools, turnEnds = { ...mark, count: 0 } } = known;
      // What came before the first of them is not its cost.
      const since = withoutTools.count === 0 ? known.now : withoutTools;
      return {
        ...known,
        now,
        withoutTools: {
          at: since.at,
          spentNanoUsd: since.spentNanoUsd,
          count: withoutTools.count + 1,
        },
        turnEnds:
          turnEnds.count === 0 ? { ...mark, count: 1 } : { ...turnEnds, count: turnEnds.count + 1 },
      };
    }
    case 'calls': {
      const made = step.calls.map((call): Call => ({ ...call, ...mark }));
      const hasEdited = made.some(({ kind, hasFailed }) => kind === 'edit' && !hasFailed);
      const { context } = known;
      return {
        ...known,
        now,
        calls: [...known.calls, ...made].slice(-MAX_CALLS),
        withoutTools: { ...mark, count: 0 },
        context: hasEdited
          ? { ...mark, tokens: contextTokens, requestCount: 0 }
          : {
              ...context,
              // A context that was summarised begins anew.
              tokens: Math.min(context.tokens, contextTokens),
              requestCount: context.requestCount + 1,
            },
      };
    }
  }
}
