// A person's own halt, and its end. Rule: it stays until a person resumes; a budget's halt that stood before is
// there again afterwards, because only money (a grant) lifts that one.
import { enqueueAlert, type RaiseDeps } from '../alerts/alert.ts';
import { budgetId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HaltRecord } from '../domain/verdict.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import { acceptUnusableLines } from './missing-transcript.ts';
import { readStandingHalt } from './standing-halts.ts';
import type { GateDeps } from './types.ts';

export interface HaltOutcome {
  readonly kind: 'halted' | 'halted-before';
  readonly haltRecord: HaltRecord;
}

/** Halts a session. A second halt changes nothing but the reason, where one is given. */
export function haltManually(
  session: SessionRecord,
  reason: string | null,
  deps: Pick<GateDeps, 'store'> & RaiseDeps,
  now: EpochMs,
): HaltOutcome {
  const { store } = deps;
  return store.immediately(() => {
    const known = store.readHalt(session.sessionId);
    const isByHand = known?.code === 'HALTED_BY_PERSON';
    if (known !== null && isByHand && reason === null)
      return { kind: 'halted-before', haltRecord: known };
    const haltRecord: HaltRecord = {
      // What a budget's halt knew is kept: it comes back when this one is lifted.
      ...(known ?? ownHalt(session, store)),
      code: 'HALTED_BY_PERSON',
      haltedAt: isByHand ? known.haltedAt : now,
      reason,
    };
    store.writeHalt(haltRecord);
    const breach = { code: 'HALTED_BY_PERSON', haltedAt: haltRecord.haltedAt, reason } as const;
    store.recordDecision({
      at: now,
      sessionId: session.sessionId,
      moment: 'by-hand',
      verdict: { kind: 'halt', breaches: [breach] },
    });
    if (!isByHand) raiseHalt(session, reason, deps, now);
    return { kind: isByHand ? 'halted-before' : 'halted', haltRecord };
  });
}

function raiseHalt(
  { sessionId }: SessionRecord,
  reason: string | null,
  deps: Pick<GateDeps, 'store'> & RaiseDeps,
  now: EpochMs,
): void {
  const spendNanoUsd = deps.store.readSessionTotals(sessionId).costNanoUsd;
  const alert = { code: 'HALTED_BY_PERSON', reason, spendNanoUsd } as const;
  enqueueAlert({ alert, onceKey: `${alert.code}|${sessionId}|${now}` }, sessionId, deps, now);
}

/** `resumed`: it may go on. `budget-remains`: a budget's halt stands. `not-halted`: there was nothing to lift. */
export interface ResumeOutcome {
  readonly kind: 'resumed' | 'budget-remains' | 'not-halted';
  /** The halt that stands now. */
  readonly haltRecord: HaltRecord | null;
  /** Lines of its transcript that could not be read, kept it, and keep it no more. */
  readonly uncountedLineCount: number;
}

/** Lifts a person's halt, and that of lines that cannot be counted; never a budget's. */
export function resumeManually(
  session: SessionRecord,
  deps: GateDeps,
  now: EpochMs,
): ResumeOutcome {
  const { store } = deps;
  // A budget's halt that a grant has lifted keeps nobody.
  const remaining = (): HaltRecord | null => readStandingHalt(session, deps, now);
  return store.immediately((): ResumeOutcome => {
    const uncountedLineCount = acceptUnusableLines(session, deps, now);
    const outcome = (lifted: boolean, haltNow: HaltRecord | null): ResumeOutcome => ({
      kind: haltNow !== null ? 'budget-remains' : lifted ? 'resumed' : 'not-halted',
      haltRecord: haltNow,
      uncountedLineCount,
    });
    const haltRecord = store.readHalt(session.sessionId);
    store.forgetActivities(session.sessionId);
    if (haltRecord?.code !== 'HALTED_BY_PERSON' && haltRecord?.code !== 'BREAKER_TRIPPED') {
      return outcome(uncountedLineCount > 0, haltRecord === null ? null : remaining());
    }
    store.recordDecision({
      at: now,
      sessionId: session.sessionId,
      moment: 'by-hand',
      verdict: { kind: 'allow', breaches: [] },
    });
    store.releaseHalt(session.sessionId, now);
    const before = budgetHalt(haltRecord);
    if (before === null) return outcome(true, null);
    store.writeHalt(before);
    return outcome(true, remaining());
  });
}

function ownHalt({ sessionId }: SessionRecord, store: Store): HaltRecord {
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
function budgetHalt(haltRecord: HaltRecord): HaltRecord | null {
  const { ceilingNanoUsd, spendNanoUsd } = haltRecord;
  if (ceilingNanoUsd === null) return null;
  const code = spendNanoUsd >= ceilingNanoUsd ? 'HARD_LIMIT_REACHED' : 'FORECAST_OVER_CEILING';
  return { ...haltRecord, code, reason: null };
}
