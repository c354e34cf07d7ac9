// A person's own halt, and its end. Rule: it stays until a person resumes; a budget's halt that stood before is
// there again afterwards, because only money (a grant) lifts that one.
import { budgetId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Latch } from '../domain/verdict.ts';
import type { SessionRecord, Store } from '../stores/store.ts';

export interface HaltOutcome {
  readonly kind: 'halted' | 'halted-before';
  readonly latch: Latch;
}

/** Halts a session. A second halt changes nothing but the reason, where one is given. */
export function haltByHand(
  session: SessionRecord,
  reason: string | null,
  store: Store,
  now: EpochMs,
): HaltOutcome {
  return store.immediately(() => {
    const known = store.readLatch(session.sessionId);
    const isByHand = known?.code === 'HALTED_BY_PERSON';
    if (known !== null && isByHand && reason === null)
      return { kind: 'halted-before', latch: known };
    const latch: Latch = {
      // What a budget's halt knew is kept: it comes back when this one is lifted.
      ...(known ?? ownLatch(session, store)),
      code: 'HALTED_BY_PERSON',
      haltedAt: isByHand ? known.haltedAt : now,
      reason,
    };
    store.writeLatch(latch);
    const breach = { code: 'HALTED_BY_PERSON', haltedAt: latch.haltedAt, reason } as const;
    store.recordDecision({
      at: now,
      sessionId: session.sessionId,
      moment: 'by-hand',
      verdict: { kind: 'halt', breaches: [breach] },
    });
    return { kind: isByHand ? 'halted-before' : 'halted', latch };
  });
}

/** `resumed`: it may go on. `budget-remains`: a budget's halt stands. `not-halted`: there was nothing to lift. */
export interface ResumeOutcome {
  readonly kind: 'resumed' | 'budget-remains' | 'not-halted';
  /** The halt that stands now. */
  readonly latch: Latch | null;
}

/** Lifts a person's halt, and nothing else. */
export function resumeByHand(session: SessionRecord, store: Store, now: EpochMs): ResumeOutcome {
  return store.immediately((): ResumeOutcome => {
    const latch = store.readLatch(session.sessionId);
    if (latch === null) return { kind: 'not-halted', latch };
    if (latch.code !== 'HALTED_BY_PERSON') return { kind: 'budget-remains', latch };
    store.recordDecision({
      at: now,
      sessionId: session.sessionId,
      moment: 'by-hand',
      verdict: { kind: 'allow', breaches: [] },
    });
    store.releaseLatch(session.sessionId, now);
    const before = budgetLatch(latch);
    if (before === null) return { kind: 'resumed', latch: null };
    store.writeLatch(before);
    return { kind: 'budget-remains', latch: before };
  });
}

function ownLatch({ sessionId }: SessionRecord, store: Store): Latch {
  return {
    sessionId,
    budgetId: budgetId('by hand'),
    windowKey: 'by hand',
    code: 'HALTED_BY_PERSON',
    haltedAt: 0,
    ceilingNanoUsd: null,
    spendNanoUsd: store.readSessionTotals(sessionId).costNanoUsd,
    reason: null,
  };
}

/** The budget's halt that stood before a person's; `null` when there was none. */
function budgetLatch(latch: Latch): Latch | null {
  const { ceilingNanoUsd, spendNanoUsd } = latch;
  if (ceilingNanoUsd === null) return null;
  const code = spendNanoUsd >= ceilingNanoUsd ? 'HARD_LIMIT_REACHED' : 'FORECAST_OVER_CEILING';
  return { ...latch, code, reason: null };
}
