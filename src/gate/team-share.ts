// The team's ceilings as budgets of this machine: what its leases carry. Rule: reads the ledger alone; what is missing is asked for there, and the team's
// worker fetches it.
import { ATTRIBUTION_KEYS, type Attribution } from '../domain/attribution.ts';
import { inScope, type PeriodSpec, type Scope, type ScopeKey } from '../domain/budget.ts';
import { budgetId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import { matchesRepository } from '../domain/repository.ts';
import { type BudgetStatus, ceilingOf, spendOf } from '../domain/spend.ts';
import {
  isHeld,
  isRenewalDue,
  shareCeiling,
  sharePoolKey,
  wantedSlice,
} from '../domain/team-share.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HeldLease, TeamKnowledge } from '../stores/store.ts';
import type { TeamBudget, TeamKill } from '../stores/team-store.ts';
import type { BudgetContext, GateDeps } from './types.ts';

/** Unreachable for so long is offline: one lost question is not. */
const OFFLINE_AFTER_MS = 30_000;

type Known = TeamKnowledge & { readonly state: NonNullable<TeamKnowledge['state']> };

/** The team's ceilings that count here; none where this machine belongs to no team. */
export function readTeamStatuses(
  at: BudgetContext,
  { store }: Pick<GateDeps, 'store'>,
): BudgetStatus[] {
  const known = store.readTeam();
  if (known === null) return [];
  const { state } = known;
  // What the team wants is not known yet: nothing may be spent of it.
  if (state === null) return [closedStatus('your team has not answered yet')];
  if (known.refusal !== null)
    return [closedStatus(`your team refuses this machine: ${known.refusal}`)];
  const context = { ...at, attribution: { ...at.attribution, developer: state.developer } };
  return [
    ...state.kills
      .filter((kill) => isMeant(kill, context.attribution))
      .map((kill) => closedStatus(killText(kill))),
    ...state.budgets.flatMap(
      (budget) => shareStatus(budget, context, { ...known, state }, store) ?? [],
    ),
  ];
}

const killText = ({ author, reason }: TeamKill): string =>
  `stopped for the team by ${author}${reason === null ? '' : `: ${reason}`}`;

function isMeant({ kind, value }: TeamKill, { repository }: Attribution): boolean {
  if (kind !== 'repository') return true;
  return repository !== null && matchesRepository(value, repository);
}

/** A ceiling that is met whatever was spent. */
const closedStatus = (why: string): BudgetStatus => ({
  budget: {
    ...{
      id: budgetId('team'),
      scope: { where: {}, per: [] },
      period: { kind: 'session', followChain: false },
    },
    ...{ softNanoUsd: null, wrapUpRatio: null, hardNanoUsd: 0, mode: 'enforce' },
  },
  windowKey: 'team|closed',
  windowLabel: why,
  window: { startAt: 0, endAt: Number.POSITIVE_INFINITY },
  ...{
    postedNanoUsd: 0,
    inheritedNanoUsd: 0,
    reservedNanoUsd: 0,
    grantedNanoUsd: 0,
    announced: [],
  },
  team: {
    ...{ budgetId: null, outstandingNanoUsd: null, isSpent: true, spareNanoUsd: 0, offline: null },
  },
});

/** `null`: the budget does not count here, or has nothing that could be met. */
function shareStatus(
  budget: TeamBudget,
  at: BudgetContext,
  { state, unreachableSince }: Known,
  store: GateDeps['store'],
): BudgetStatus | null {
  if (budget.hardNanoUsd === null || budget.mode === 'observe') return null;
  const share = shareOf(budget, at);
  if (share === null) return null;
  const { shareKey, labels, sessions } = share;
  const lease = store.readHeldLease(shareKey);
  const isOffline = unreachableSince !== null && at.now - unreachableSince > OFFLINE_AFTER_MS;
  const offline = isOffline ? state.team.offline : null;
  const isUsable =
    lease !== null && isHeld(lease, store.readHolder(), at.now) && offline !== 'halt';
  const window = lease === null ? { startAt: 0, endAt: Number.POSITIVE_INFINITY } : lease;
  const pool = {
    key: sharePoolKey({ shareKey }),
    window,
    labels,
    sessions,
    turnId: null,
    agentId: null,
    isAhead: false,
  };
  const spend = store.readPoolSpend(pool, at, at.now);
  // Going on without the team is told anew each time that it cannot be reached.
  const isWarned = offline === 'warn';
  const windowKey = `${pool.key}|${window.startAt}${isWarned ? `|${unreachableSince}` : ''}`;
  return {
    budget: {
      id: budgetId(`team:${budget.id}`),
      scope: scopeOf(budget),
      period: periodOf(budget, state.team.timeZone),
      softNanoUsd: null,
      wrapUpRatio: null,
      hardNanoUsd: isUsable ? shareCeiling(lease) : spend.postedNanoUsd,
      mode: isWarned ? 'warn' : budget.mode,
    },
    windowKey,
    windowLabel: `your share of the team's ${budget.id}${isOffline ? ', offline' : ''}`,
    window: { startAt: window.startAt, endAt: window.endAt },
    postedNanoUsd: spend.postedNanoUsd,
    inheritedNanoUsd: 0,
    reservedNanoUsd: spend.reservedNanoUsd,
    grantedNanoUsd: 0,
    announced: isWarned ? store.readAnnounced(windowKey) : spend.announced,
    team: {
      budgetId: budget.id,
      outstandingNanoUsd: isUsable ? lease.outstandingNanoUsd : null,
      isSpent: isSpentWhole(lease),
      // Nobody is waited for who cannot be reached.
      spareNanoUsd: isOffline ? 0 : spareOf(lease, at.now),
      offline,
    },
  };
}

/** How long an answer that there is no more is not asked for again. */
const ANSWER_HOLDS_MS = 1_500;

function spareOf(lease: HeldLease | null, now: EpochMs): NanoUsd | null {
  if (lease?.state === 'held-elsewhere' && now < lease.endAt) return 0;
  const isNew = lease?.state === 'refused' && Math.abs(now - lease.answeredAt) < ANSWER_HOLDS_MS;
  return isNew ? Math.max(0, lease.ceilingNanoUsd - lease.committedNanoUsd) : null;
}

/** Whether the team has just said that it has not what is needed. */
export function isRefused(status: BudgetStatus, needNanoUsd: NanoUsd): boolean {
  const spare = status.team?.spareNanoUsd ?? null;
  if (spare === null) return false;
  const left = (ceilingOf(status) ?? 0) + spare - spendOf(status);
  return left < needNanoUsd || left <= 0;
}

/** Whether the team has given all it has: then this lease is the last one. */
const isSpentWhole = (lease: HeldLease | null): boolean =>
  lease !== null && (lease.state === 'refused' || lease.committedNanoUsd >= lease.ceilingNanoUsd);

const scopeOf = ({ where, per }: TeamBudget): Scope => ({
  where: where as Scope['where'],
  per: per as Scope['per'],
});

const periodOf = ({ period }: TeamBudget, timeZone: string): PeriodSpec => {
  if (period === 'session') return { kind: 'session', followChain: false };
  return period === 'forever' ? { kind: 'forever' } : { kind: period, timeZone };
};

interface ShareHere {
  /** Budget and split: one lease for each. */
  readonly shareKey: string;
  readonly labels: Readonly<Partial<Record<keyof Attribution, string>>>;
  readonly sessions: BudgetContext['chain'] | null;
}

function shareOf(budget: TeamBudget, at: BudgetContext): ShareHere | null {
  if (!inScope(scopeOf(budget), at.attribution, at.sessionId)) return null;
  const labels: Partial<Record<keyof Attribution, string>> = {};
  const parts = [budget.id];
  const isOfSession =
    budget.period === 'session' || budget.per.includes('session') || 'session' in budget.where;
  if (isOfSession) parts.push(`session=${at.sessionId}`);
  for (const [key, pattern] of Object.entries(budget.where) as [ScopeKey, string][]) {
    // Everything on this machine is one developer's.
    if (key !== 'session' && key !== 'developer') labels[key] = pattern;
  }
  for (const key of budget.per as readonly ScopeKey[]) {
    if (key === 'session') continue;
    const value = at.attribution[key];
    if (value === null) return null;
    if (key !== 'developer') {
      labels[key] = value;
      parts.push(`${key}=${value}`);
    }
  }
  return { shareKey: parts.join('|'), labels, sessions: isOfSession ? [at.sessionId] : null };
}

/** Asks for what leases cannot carry much longer. Call inside `immediately`. */
export function askForShares(
  at: BudgetContext,
  statuses: readonly BudgetStatus[],
  need: (status: BudgetStatus) => NanoUsd,
  { store }: Pick<GateDeps, 'store'>,
  now: EpochMs,
): void {
  const due = statuses.filter((status) => isDue(status, need(status)));
  const state = due.length === 0 ? null : store.readTeam()?.state;
  if (!state) return;
  const attribution = { ...at.attribution, developer: state.developer };
  const labels = Object.fromEntries(
    ATTRIBUTION_KEYS.flatMap((key) => (attribution[key] === null ? [] : [[key, attribution[key]]])),
  );
  for (const status of due) {
    const budget = state.budgets.find(({ id }) => id === status.team?.budgetId);
    const share = budget === undefined ? null : shareOf(budget, { ...at, attribution });
    if (budget === undefined || share === null) continue;
    const needNanoUsd = need(status) + status.reservedNanoUsd;
    store.askLease({
      ...{ shareKey: share.shareKey, budgetId: budget.id, labels },
      ...{ sessionId: at.sessionId, askedAt: now },
      ...{ needNanoUsd, wantNanoUsd: wantedSlice(needNanoUsd) },
    });
  }
}

/** Whether the team is to be asked for more. */
function isDue(status: BudgetStatus, needNanoUsd: NanoUsd): boolean {
  const { team } = status;
  if (team === undefined || team.budgetId === null || isRefused(status, needNanoUsd)) return false;
  const { outstandingNanoUsd } = team;
  const left = (ceilingOf(status) ?? 0) - spendOf(status);
  // A lease that is used up carries nothing, whatever is needed.
  if (outstandingNanoUsd === null || left < needNanoUsd || left <= 0) return true;
  return isRenewalDue({ outstandingNanoUsd }, left, needNanoUsd);
}
