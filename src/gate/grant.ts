// A person raises a ceiling: which one, and the line that says so. Rule: a grant is written once and never changed;
// who may give one is for the door to decide, not for this.
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, ceilingOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Grant, SessionRecord } from '../stores/store.ts';
import { currentBudgetContext, readBudgetStatuses } from './budget-context.ts';
import { acceptUnusableLines } from './missing-transcript.ts';
import type { GateDeps } from './types.ts';

/** What a person wants. */
export interface GrantRequest {
  readonly amountNanoUsd: NanoUsd;
  /** `null`: the budget that halted the session, else its session budget. */
  readonly budget: string | null;
  readonly reason: string | null;
  readonly author: string;
  /** `null`: until the window ends. */
  readonly expiresAt: EpochMs | null;
}

export type GrantOutcome =
  | {
      readonly kind: 'granted';
      readonly grant: Grant;
      readonly budgetStatus: BudgetStatus;
      /** The new one. */
      readonly ceilingNanoUsd: NanoUsd;
      /** Lines of the transcript that could not be read, kept the session, and keep it no more. */
      readonly uncountedLineCount: number;
    }
  /** No budget (of that name) has a ceiling here; `known` are those that have one. */
  | { readonly kind: 'no-ceiling'; readonly known: readonly string[] };

/** The budget a raise would be for, as it stands, or the names of those it could be for. */
export function grantableBudget(
  session: SessionRecord,
  budget: GrantRequest['budget'],
  deps: GateDeps,
  now: EpochMs,
): { readonly budgetStatus: BudgetStatus | null; readonly known: readonly string[] } {
  const budgetStatuses = readBudgetStatuses(
    currentBudgetContext(session, deps, now),
    session,
    deps,
  ).filter((budgetStatus) => ceilingOf(budgetStatus) !== null);
  const haltRecord = deps.store.readHalt(session.sessionId);
  const budgetStatus =
    budget === null
      ? (budgetStatuses.find(({ windowKey }) => windowKey === haltRecord?.windowKey) ??
        budgetStatuses.find((each) => each.budget.period.kind === 'session') ??
        budgetStatuses[0])
      : budgetStatuses.find((each) => each.budget.id === budget);
  return {
    budgetStatus: budgetStatus ?? null,
    known: budgetStatuses.map((each) => each.budget.id),
  };
}

/** Gives it. Call inside `store.immediately`. */
export function raise(
  session: SessionRecord,
  wanted: GrantRequest,
  deps: GateDeps,
  now: EpochMs,
): GrantOutcome {
  const { budgetStatus, known } = grantableBudget(session, wanted.budget, deps, now);
  if (!budgetStatus) return { kind: 'no-ceiling', known };
  const grant: Grant = {
    // The global one is loaded when it is used; an import would be loaded by every hook.
    grantId: crypto.randomUUID(),
    budgetId: budgetStatus.budget.id,
    poolKey: budgetStatus.windowKey,
    amountNanoUsd: wanted.amountNanoUsd,
    reason: wanted.reason,
    author: wanted.author,
    grantedAt: now,
    expiresAt: wanted.expiresAt,
  };
  deps.store.addGrant(grant);
  // A person has looked: a breaker that halted the session counts anew.
  if (deps.store.readHalt(session.sessionId)?.code === 'BREAKER_TRIPPED') {
    deps.store.releaseHalt(session.sessionId, now);
    deps.store.forgetActivities(session.sessionId);
  }
  const ceilingNanoUsd = (ceilingOf(budgetStatus) ?? 0) + wanted.amountNanoUsd;
  const uncountedLineCount = acceptUnusableLines(session, deps, now);
  return { kind: 'granted', grant, budgetStatus, ceilingNanoUsd, uncountedLineCount };
}

/** What is taken back: the grants, and the ceiling without them. */
export interface Revocation {
  readonly budgetStatus: BudgetStatus;
  readonly revoked: readonly Grant[];
  readonly ceilingNanoUsd: NanoUsd;
}

const REVOKES = 'revokes ';

/**
 * Takes back every grant that still raises a budget, each by a line of its own that ends when the grant would have; `null`
 * where no budget (of that name) has a ceiling. Call inside `store.immediately`.
 */
export function revoke(
  session: SessionRecord,
  { budget, author }: Pick<GrantRequest, 'budget' | 'author'>,
  deps: GateDeps,
  now: EpochMs,
): Revocation | null {
  const { budgetStatus } = grantableBudget(session, budget, deps, now);
  if (budgetStatus === null) return null;
  const grants = deps.store.readGrants(budgetStatus.windowKey, now);
  const isRevoked = ({ grantId }: Grant) =>
    grants.some(({ reason }) => reason === `${REVOKES}${grantId}`);
  const revoked = grants.filter((grant) => grant.amountNanoUsd > 0 && !isRevoked(grant));
  for (const grant of revoked) {
    deps.store.addGrant({
      ...grant,
      grantId: crypto.randomUUID(),
      amountNanoUsd: -grant.amountNanoUsd,
      reason: `${REVOKES}${grant.grantId}`,
      author,
      grantedAt: now,
    });
  }
  const sum = revoked.reduce((total, { amountNanoUsd }) => total + amountNanoUsd, 0);
  return { budgetStatus, revoked, ceilingNanoUsd: (ceilingOf(budgetStatus) ?? 0) - sum };
}
