// Whether a halt that was pronounced before still stands. Rule: nothing of a session goes on until the
// ceiling is higher or the window is over; that another thread draws on other budgets changes nothing.
import type { Attribution } from '../domain/attribution.ts';
import { type Budget, matchesScope, type ScopeKey } from '../domain/budget.ts';
import type { SessionId } from '../domain/ids.ts';
import { type BudgetStatus, postedOf, recordedAmount } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HaltRecord } from '../domain/verdict.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import { currentBudgetContext, readBudgetStatuses } from './budget-context.ts';
import { periodKey } from './budget-pools.ts';
import type { BudgetContext, GateDeps } from './types.ts';

/** The halts of a session and of those it goes on from. */
export interface StandingHalts {
  /** The one that stands here; `null`: none. */
  readonly haltRecord: HaltRecord | null;
  /** Sessions whose halt is over. */
  readonly over: readonly SessionId[];
}

export interface StandingHaltQuery {
  readonly budgetContext: BudgetContext;
  readonly budgetStatuses: readonly BudgetStatus[];
  readonly budgets: readonly Budget[];
  /** A person has just begun a new turn: a halt of the turn before is over. */
  readonly isNewTurn: boolean;
}

/** The halt that keeps a session now; `null` where there is none, or a grant or a new window has lifted it. */
export function readStandingHalt(
  session: SessionRecord,
  deps: GateDeps,
  now: EpochMs,
): HaltRecord | null {
  const budgetContext = currentBudgetContext(session, deps, now);
  const budgetStatuses = readBudgetStatuses(budgetContext, session, deps);
  const { budgets } = deps.config;
  const question = { budgetContext, budgetStatuses, budgets, isNewTurn: false };
  return readStandingHalts(question, deps.store).haltRecord;
}

type State = 'stands' | 'over' | 'elsewhere';

/** Where halts and what lifts them are kept. */
export type Halts = Pick<Store, 'readHalt' | 'readGrants' | 'readWindows'>;

/** Reads what stands. */
export function readStandingHalts(question: StandingHaltQuery, store: Halts): StandingHalts {
  const { budgetContext } = question;
  const over: SessionId[] = [];
  let found: HaltRecord | null = null;
  for (const id of budgetContext.chain) {
    const haltRecord = store.readHalt(id);
    if (haltRecord === null) continue;
    if (id !== budgetContext.sessionId && !countsOn(haltRecord, question)) continue;
    const state = stateOf(haltRecord, question, store);
    if (state === 'over') over.push(id);
    if (state === 'stands') found ??= haltRecord;
  }
  // Money that a session around this one has no more shows in that one's pool, which counts here.
  for (const id of budgetContext.outer) {
    const haltRecord = store.readHalt(id);
    if (haltRecord !== null && isLiftedByPerson(haltRecord)) found ??= haltRecord;
  }
  return { haltRecord: found, over };
}

/** Whether a person's word lifts a halt, and not money alone. */
const isLiftedByPerson = ({ code }: HaltRecord): boolean =>
  code === 'HALTED_BY_PERSON' || code === 'BREAKER_TRIPPED';

/** Whether the halt of an earlier session is one of a budget that counts both. */
function countsOn(haltRecord: HaltRecord, { budgetContext, budgets }: StandingHaltQuery): boolean {
  const budget = budgets.find(({ id }) => id === haltRecord.budgetId);
  if (budget?.period.kind !== 'session') return false;
  const counted = budget.period.followChain ? budgetContext.chain : budgetContext.runChain;
  return counted.includes(haltRecord.sessionId);
}

function stateOf(haltRecord: HaltRecord, question: StandingHaltQuery, store: Halts): State {
  if (isLiftedByPerson(haltRecord)) return 'stands';
  const { budgetContext, budgetStatuses, budgets } = question;
  const budget = budgets.find(({ id }) => id === haltRecord.budgetId);
  if (budget?.mode !== 'enforce' || budget.hardNanoUsd === null) return 'over';
  const granted = store
    .readGrants(haltRecord.windowKey, budgetContext.now)
    .reduce((sum, grant) => sum + grant.amountNanoUsd, 0);
  if (haltRecord.ceilingNanoUsd === null) return 'over';
  if (budget.hardNanoUsd + granted > haltRecord.ceilingNanoUsd) return 'over';
  if (isWindowOver(haltRecord, budget, question, store)) return 'over';
  if (budgetStatuses.some(({ windowKey }) => windowKey === haltRecord.windowKey)) return 'stands';
  return isSamePlace(haltRecord, budget, budgetContext.attribution) ? 'stands' : 'elsewhere';
}

function isWindowOver(
  haltRecord: HaltRecord,
  { period }: Budget,
  { budgetContext, budgetStatuses, isNewTurn }: StandingHaltQuery,
  store: Halts,
): boolean {
  switch (period.kind) {
    case 'turn':
      return isNewTurn;
    case 'day':
    case 'week':
    case 'month':
    case 'dates': {
      const key = periodKey(period);
      const open = store.readWindows(key, budgetContext.now);
      return !open.some(({ startAt }) => haltRecord.windowKey.endsWith(`|${key}|${startAt}`));
    }
    case 'plan': {
      const status = budgetStatuses.find(({ windowKey }) => windowKey === haltRecord.windowKey);
      // A newer reading may say that less is used than was estimated.
      return status === undefined || postedUnits(status) < haltRecord.spendNanoUsd;
    }
    case 'rolling': {
      // It has no end: the halt is over once some of what was spent has left the window.
      const budgetStatus = budgetStatuses.find(
        ({ windowKey }) => windowKey === haltRecord.windowKey,
      );
      const posted = budgetStatus ? postedOf(budgetStatus) : null;
      return posted !== null && posted < haltRecord.spendNanoUsd;
    }
    default:
      return false;
  }
}

const postedUnits = (status: BudgetStatus): number =>
  recordedAmount(status.postedNanoUsd, status) ?? 0;

/** Labels that differ between the threads of one session, which a halt stops all the same. */
const OF_A_THREAD: ReadonlySet<ScopeKey> = new Set<ScopeKey>(['model', 'agentType', 'session']);

/** Whether the session is still where it was halted; on another branch it has other budgets. */
function isSamePlace(haltRecord: HaltRecord, { scope }: Budget, attribution: Attribution): boolean {
  const parts = haltRecord.windowKey.split('|');
  const patterns = Object.entries(scope.where) as [ScopeKey, string][];
  const isThere = (key: ScopeKey): string | null =>
    attribution[key as Exclude<ScopeKey, 'session'>];
  return (
    patterns.every(([key, pattern]) => {
      const value = OF_A_THREAD.has(key) ? null : isThere(key);
      return OF_A_THREAD.has(key) || (value !== null && matchesScope(key, pattern, value));
    }) && scope.per.every((key) => OF_A_THREAD.has(key) || parts.includes(`${key}=${isThere(key)}`))
  );
}
