// A person raises a ceiling: which one, and the line that says so. Rule: a grant is written once and never changed;
// who may give one is for the door to decide, not for this.
import { enqueueAlert } from '../alerts/alert.ts';
import { shortId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type WrittenAmount, writtenText } from '../domain/plan-window.ts';
import {
  type BudgetStatus,
  ceilingOf,
  fromRecorded,
  planFigures,
  spendOf,
  windowName,
} from '../domain/spend.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { Grant, SessionRecord } from '../stores/store.ts';
import { currentBudgetContext, readBudgetStatuses } from './budget-context.ts';
import { acceptUnusableLines } from './missing-transcript.ts';
import type { GateDeps } from './types.ts';

/** What a person wants. */
export interface GrantRequest {
  /** Dollars, or for a budget of a plan's window a share of it. */
  readonly raise: WrittenAmount;
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
  /** The budget is raised by a share of a plan's window, and dollars were given; or the other way round. */
  | { readonly kind: 'wrong-unit'; readonly budgetStatus: BudgetStatus }
  /** No budget (of that name) has a ceiling here; `known` are those that have one. */
  | { readonly kind: 'no-ceiling'; readonly known: readonly string[] };

/** The budget a raise would be for, as it stands, or the names of those it could be for. */
export function grantableBudget(
  session: SessionRecord,
  budget: GrantRequest['budget'],
  deps: GateDeps,
  now: EpochMs,
  unit: WrittenAmount['unit'] = 'usd',
): { readonly budgetStatus: BudgetStatus | null; readonly known: readonly string[] } {
  const budgetStatuses = readBudgetStatuses(
    currentBudgetContext(session, deps, now),
    session,
    deps,
  ).filter((budgetStatus) => ceilingOf(budgetStatus) !== null && budgetStatus.team === undefined);
  const haltRecord = deps.store.readHalt(session.sessionId);
  const budgetStatus =
    budget === null
      ? (budgetStatuses.find(({ windowKey }) => windowKey === haltRecord?.windowKey) ??
        budgetStatuses.find(
          (each) => each.budget.period.kind === (unit === 'usd' ? 'session' : 'plan'),
        ) ??
        budgetStatuses[0])
      : budgetStatuses.find((each) => each.budget.id === budget);
  return {
    budgetStatus: budgetStatus ?? null,
    known: budgetStatuses.map((each) => each.budget.id),
  };
}

/** What the ceiling of a budget is raised in. */
export const unitOf = ({ plan }: BudgetStatus): WrittenAmount['unit'] =>
  plan === undefined ? 'usd' : 'share';

/** Gives it. Call inside `store.immediately`. */
export function raise(
  session: SessionRecord,
  wanted: GrantRequest,
  deps: GateDeps,
  now: EpochMs,
): GrantOutcome {
  const { unit, amount } = wanted.raise;
  const { budgetStatus, known } = grantableBudget(session, wanted.budget, deps, now, unit);
  if (!budgetStatus) return { kind: 'no-ceiling', known };
  if (unitOf(budgetStatus) !== unit) return { kind: 'wrong-unit', budgetStatus };
  const grant: Grant = {
    // The global one is loaded when it is used; an import would be loaded by every hook.
    grantId: crypto.randomUUID(),
    budgetId: budgetStatus.budget.id,
    poolKey: budgetStatus.windowKey,
    amountNanoUsd: amount,
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
  const ceilingNanoUsd = (ceilingOf(budgetStatus) ?? 0) + fromRecorded(amount, budgetStatus);
  tell(grant, budgetStatus, ceilingNanoUsd, session, deps);
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
  let ceilingNanoUsd = ceilingOf(budgetStatus) ?? 0;
  for (const grant of revoked) {
    const taken: Grant = {
      ...grant,
      grantId: crypto.randomUUID(),
      amountNanoUsd: -grant.amountNanoUsd,
      reason: `${REVOKES}${grant.grantId}`,
      author,
      grantedAt: now,
    };
    deps.store.addGrant(taken);
    ceilingNanoUsd -= fromRecorded(grant.amountNanoUsd, budgetStatus);
    tell(taken, budgetStatus, ceilingNanoUsd, session, deps);
  }
  return { budgetStatus, revoked, ceilingNanoUsd };
}

/** Whoever is told of budgets is told who has changed a ceiling. */
function tell(
  { grantId, author, reason, grantedAt, ...grant }: Grant,
  budgetStatus: BudgetStatus,
  limitNanoUsd: NanoUsd,
  { sessionId }: SessionRecord,
  deps: GateDeps,
): void {
  const { budget, windowLabel } = budgetStatus;
  const amountNanoUsd = fromRecorded(grant.amountNanoUsd, budgetStatus);
  const figures = {
    ...{ budgetId: budget.id, windowLabel, spendNanoUsd: spendOf(budgetStatus) },
    ...planFigures(budgetStatus),
  };
  const alert = { code: 'CEILING_CHANGED', amountNanoUsd, author, reason, limitNanoUsd } as const;
  const due = { alert: { ...alert, ...figures }, onceKey: `CEILING_CHANGED|${grantId}` };
  enqueueAlert(due, sessionId, deps, grantedAt);
}

/** How far back a session is told of grants. */
const NEWS_MS = 7 * DAY_MS;
const toldKey = (grantId: string, { sessionId }: SessionRecord): string =>
  `grant ${grantId}|session ${sessionId}`;

/** Notes that a session knows of a grant. Call inside `store.immediately`. */
export function markTold({ grantId }: Grant, session: SessionRecord, deps: GateDeps, now: EpochMs) {
  deps.store.announce(toldKey(grantId, session), 'hard', now);
}

/** What has been granted to the budgets of a session, or taken back, since it was told last; `null`: nothing. */
export function grantNews(session: SessionRecord, deps: GateDeps, now: EpochMs): string | null {
  const { store } = deps;
  const recent = store.readGrantsSince(Math.max(session.startedAt, now - NEWS_MS));
  if (recent.length === 0) return null;
  return store.immediately(() => {
    const statuses = readBudgetStatuses(currentBudgetContext(session, deps, now), session, deps);
    const lines = recent.flatMap((grant) => {
      const status = statuses.find(({ windowKey }) => windowKey === grant.poolKey);
      if (status === undefined || !store.announce(toldKey(grant.grantId, session), 'hard', now))
        return [];
      return [newsText(grant, status, session)];
    });
    return lines.length === 0 ? null : lines.join('\n');
  });
}

function newsText(grant: Grant, status: BudgetStatus, { sessionId }: SessionRecord): string {
  const { amountNanoUsd, author, reason } = grant;
  const amount = writtenText({ unit: unitOf(status), amount: Math.abs(amountNanoUsd) });
  const budget = `budget ${windowName(status)}`;
  if (amountNanoUsd < 0) return `Tollgate: ${author} took ${amount} back from ${budget}.`;
  return (
    `Tollgate: ${author} granted ${amount} to ${budget}${reason === null ? '' : ` (${reason})`}. ` +
    `If nobody you know did: tollgate grant --revoke --session ${shortId(sessionId)}`
  );
}
