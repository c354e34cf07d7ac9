// A person raises a ceiling: which one, and the line that says so. Rule: a grant is written once and never changed;
// who may give one is for the door to decide, not for this.
import type { NanoUsd } from '../domain/money.ts';
import { ceilingOf, type Reading } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Grant, SessionRecord } from '../stores/store.ts';
import { type GateDeps, readingsOf, standingOf } from './gate.ts';

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

/** Gives it. Call inside `store.immediately`. */
export function raise(session: SessionRecord, wanted: Raise, deps: GateDeps, now: EpochMs): Raised {
  const { store } = deps;
  const readings = ceilingReadings(session, deps, now);
  const latch = store.readLatch(session.sessionId);
  const reading =
    wanted.budget === null
      ? (readings.find(({ windowKey }) => windowKey === latch?.windowKey) ??
        readings.find(({ budget }) => budget.period.kind === 'session') ??
        readings[0])
      : readings.find(({ budget }) => budget.id === wanted.budget);
  if (!reading) return { kind: 'no-ceiling', known: readings.map(({ budget }) => budget.id) };
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
  store.addGrant(grant);
  const ceilingNanoUsd = (ceilingOf(reading) ?? 0) + wanted.amountNanoUsd;
  return { kind: 'granted', grant, reading, ceilingNanoUsd };
}

function ceilingReadings(session: SessionRecord, deps: GateDeps, now: EpochMs): Reading[] {
  const thread = deps.store.readThread(session.sessionId, null);
  const at = {
    sessionId: session.sessionId,
    agentId: null,
    agentType: null,
    turnId: thread?.turnId ?? null,
    cwd: session.cwd ?? '.',
  };
  const standing = standingOf(at, session, thread, deps, now);
  return readingsOf(standing, session, deps).filter((reading) => ceilingOf(reading) !== null);
}
