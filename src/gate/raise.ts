// A person raises a ceiling: which one, and the line that says so. Rule: a grant is written once and never changed;
// who may give one is for the door to decide, not for this.
import type { NanoUsd } from '../domain/money.ts';
import { ceilingOf, type Reading } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Grant, SessionRecord } from '../stores/store.ts';
import { type GateDeps, readingsOf, standingNow } from './gate.ts';

/** What a person wants. */
export interface Raise {
  readonly amountNanoUsd: NanoUsd;
  /** `null`: the budget that halted the session, else its session budget. */
  readonly budget: string | null;
  readonly reason: string | null;
  readonly author: string;
  /** `null`: until the window ends. */
  readonly expiresAt: EpochMs | null;
}

export type Raised =
  | {
      readonly kind: 'granted';
      readonly grant: Grant;
      readonly reading: Reading;
      /** The new one. */
      readonly ceilingNanoUsd: NanoUsd;
    }
  /** No budget (of that name) has a ceiling here; `known` are those that have one. */
  | { readonly kind: 'no-ceiling'; readonly known: readonly string[] };

/** The budget a raise would be for, as it stands, or the names of those it could be for. */
export function raisable(
  session: SessionRecord,
  budget: Raise['budget'],
  deps: GateDeps,
  now: EpochMs,
): { readonly reading: Reading | null; readonly known: readonly string[] } {
  const readings = readingsOf(standingNow(session, deps, now), session, deps).filter(
    (reading) => ceilingOf(reading) !== null,
  );
  const latch = deps.store.readLatch(session.sessionId);
  const reading =
    budget === null
      ? (readings.find(({ windowKey }) => windowKey === latch?.windowKey) ??
        readings.find((each) => each.budget.period.kind === 'session') ??
        readings[0])
      : readings.find((each) => each.budget.id === budget);
  return { reading: reading ?? null, known: readings.map((each) => each.budget.id) };
}

/** Gives it. Call inside `store.immediately`. */
export function raise(session: SessionRecord, wanted: Raise, deps: GateDeps, now: EpochMs): Raised {
  const { reading, known } = raisable(session, wanted.budget, deps, now);
  if (!reading) return { kind: 'no-ceiling', known };
  const grant: Grant = {
    // The global one is loaded when it is used; an import would be loaded by every hook.
    grantId: crypto.randomUUID(),
    budgetId: reading.budget.id,
    poolKey: reading.windowKey,
    amountNanoUsd: wanted.amountNanoUsd,
    reason: wanted.reason,
    author: wanted.author,
    grantedAt: now,
    expiresAt: wanted.expiresAt,
  };
  deps.store.addGrant(grant);
  const ceilingNanoUsd = (ceilingOf(reading) ?? 0) + wanted.amountNanoUsd;
  return { kind: 'granted', grant, reading, ceilingNanoUsd };
}
