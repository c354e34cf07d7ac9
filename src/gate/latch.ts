// Whether a halt that was pronounced before still stands. Rule: nothing of a session goes on until the
// ceiling is higher or the window is over; that another thread draws on other budgets changes nothing.
import type { Attribution } from '../domain/attribution.ts';
import { type Budget, matchesPattern, type ScopeKey } from '../domain/budget.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Reading } from '../domain/spend.ts';
import type { Latch } from '../domain/verdict.ts';
import type { Store } from '../stores/store.ts';
import { periodKey, type Standing } from './pools.ts';

/** The halts of a session and of those it goes on from. */
export interface KeptHalts {
  /** The one that stands here; `null`: none. */
  readonly latch: Latch | null;
  /** Sessions whose halt is over. */
  readonly over: readonly SessionId[];
}

export interface LatchQuestion {
  readonly standing: Standing;
  readonly readings: readonly Reading[];
  readonly budgets: readonly Budget[];
  /** A person has just begun a new turn: a halt of the turn before is over. */
  readonly isNewTurn: boolean;
}

type State = 'stands' | 'over' | 'elsewhere';

/** Where halts and what lifts them are kept. */
export type Halts = Pick<Store, 'readLatch' | 'readGrants' | 'readWindow'>;

/** Reads what stands. */
export function keptHalts(question: LatchQuestion, store: Halts): KeptHalts {
  const { standing } = question;
  const over: SessionId[] = [];
  let found: Latch | null = null;
  for (const id of standing.chain) {
    const latch = store.readLatch(id);
    if (latch === null) continue;
    if (id !== standing.sessionId && !countsOn(latch, question)) continue;
    const state = stateOf(latch, question, store);
    if (state === 'over') over.push(id);
    if (state === 'stands') found ??= latch;
  }
  return { latch: found, over };
}

/** Whether the halt of an earlier session is one of a budget that counts both. */
function countsOn(latch: Latch, { standing, budgets }: LatchQuestion): boolean {
  const budget = budgets.find(({ id }) => id === latch.budgetId);
  if (budget?.period.kind !== 'session') return false;
  const counted = budget.period.followChain ? standing.chain : standing.runChain;
  return counted.includes(latch.sessionId);
}

function stateOf(latch: Latch, question: LatchQuestion, store: Halts): State {
  if (latch.code === 'HALTED_BY_PERSON') return 'stands';
  const { standing, readings, budgets } = question;
  const budget = budgets.find(({ id }) => id === latch.budgetId);
  if (budget?.mode !== 'enforce' || budget.hardNanoUsd === null) return 'over';
  const granted = store
    .readGrants(latch.windowKey, standing.now)
    .reduce((sum, grant) => sum + grant.amountNanoUsd, 0);
  if (latch.ceilingNanoUsd === null) return 'over';
  if (budget.hardNanoUsd + granted > latch.ceilingNanoUsd) return 'over';
  if (isWindowOver(latch, budget, question, store)) return 'over';
  if (readings.some(({ windowKey }) => windowKey === latch.windowKey)) return 'stands';
  return isSamePlace(latch, budget, standing.attribution) ? 'stands' : 'elsewhere';
}

function isWindowOver(
  latch: Latch,
  { period }: Budget,
  { standing, readings, isNewTurn }: LatchQuestion,
  store: Halts,
): boolean {
  switch (period.kind) {
    case 'turn':
      return isNewTurn;
    case 'day':
    case 'week':
    case 'month': {
      const window = store.readWindow(periodKey(period), standing.now);
      return !latch.windowKey.endsWith(`|${periodKey(period)}|${window?.startAt}`);
    }
    case 'rolling': {
      // It has no end: the halt is over once some of what was spent has left the window.
      const reading = readings.find(({ windowKey }) => windowKey === latch.windowKey);
      const posted = reading ? reading.postedNanoUsd + reading.inheritedNanoUsd : null;
      return posted !== null && posted < latch.spendNanoUsd;
    }
    default:
      return false;
  }
}

/** Labels that differ between the threads of one session, which a halt stops all the same. */
const OF_A_THREAD: ReadonlySet<ScopeKey> = new Set<ScopeKey>(['model', 'agentType', 'session']);

/** Whether the session is still where it was halted; on another branch it has other budgets. */
function isSamePlace(latch: Latch, { scope }: Budget, attribution: Attribution): boolean {
  const parts = latch.windowKey.split('|');
  const patterns = Object.entries(scope.where) as [ScopeKey, string][];
  const isThere = (key: ScopeKey): string | null =>
    attribution[key as Exclude<ScopeKey, 'session'>];
  return (
    patterns.every(([key, pattern]) => {
      const value = OF_A_THREAD.has(key) ? null : isThere(key);
      return OF_A_THREAD.has(key) || (value !== null && matchesPattern(pattern, value));
    }) && scope.per.every((key) => OF_A_THREAD.has(key) || parts.includes(`${key}=${isThere(key)}`))
  );
}
