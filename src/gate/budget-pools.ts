// The pool of money that a budget draws on in a context. Rule: the same pool has the same key in every process, whatever configuration file
// the budget was written in.
import type { Attribution } from '../domain/attribution.ts';
import { ATTRIBUTION_KEYS } from '../domain/attribution.ts';
import { type Budget, inScope, type PeriodSpec, type ScopeKey } from '../domain/budget.ts';
import type { SessionId } from '../domain/ids.ts';
import { DAY_MS, type Window } from '../domain/time.ts';
import { periodOf } from '../periods/periods.ts';
import type { Pool } from '../stores/store.ts';
import {
  openPlanWindow,
  openWindowText,
  type PlanStore,
  planKey,
  planPool,
} from './plan-window.ts';
import type { BudgetContext } from './types.ts';

/** A pool with the name of its window for people. */
export interface NamedPool {
  readonly pool: Pool;
  readonly label: string;
}

/** Where windows that were open once are remembered. */
export type Windows = PlanStore;

/** A window that begins later than this from now was opened by a clock that was wrong, unless the clock is wrong now. */
const BELIEVED_AHEAD_MS = 62 * DAY_MS;

/** Labels that tell how money is spent, and not for what: they change with each request of a session. */
const OF_A_REQUEST: ReadonlySet<string> = new Set(['model', 'agentType']);

/** The pool a budget draws on here; `null` when the budget does not count here. */
export const poolOf = (budget: Budget, at: BudgetContext, store: Windows): NamedPool | null =>
  poolsOf(budget, at, store).at(-1) ?? null;

/**
 * The pools a budget draws on here, the newest window last: more than one where the clock has jumped, and then each of them
 * has to have something left.
 */
export function poolsOf(budget: Budget, at: BudgetContext, store: Windows): readonly NamedPool[] {
  if (!inScope(budget.scope, at.attribution, at.sessionId)) return [];
  const selection = selectEntries(budget, at);
  if (selection === null) return [];
  const { labels, sessions } = selection;
  const prefix = keyOf(budget, labels);
  const open = { startAt: 0, endAt: Number.POSITIVE_INFINITY };
  const base: Pool = {
    key: '',
    window: open,
    labels,
    ...(Object.keys(labels).some((key) => !OF_A_REQUEST.has(key)) && { scopeKey: prefix }),
    sessions,
    turnId: null,
    agentId: null,
    isAhead: false,
  };
  const { period } = budget;
  switch (period.kind) {
    case 'session': {
      const chain = period.followChain ? at.chain : at.runChain;
      const key = `${prefix}|session ${chain[chain.length - 1]}`;
      return [{ pool: { ...base, key, sessions: [...chain, ...at.nested] }, label: 'session' }];
    }
    case 'turn':
      if (at.turnId === null) return [];
      return [
        {
          pool: {
            ...base,
            key: `${prefix}|turn ${at.turnId}`,
            sessions: [at.sessionId],
            turnId: at.turnId,
          },
          label: 'turn',
        },
      ];
    case 'subagent':
      if (at.agentId === null) return [];
      return [
        {
          pool: {
            ...base,
            key: `${prefix}|agent ${at.agentId}`,
            sessions: [at.sessionId],
            agentId: at.agentId,
          },
          label: 'subagent',
        },
      ];
    case 'plan': {
      const open = openPlanWindow(period.window, store, at.now);
      return [{ pool: planPool(budget.id, open, at.now), label: openWindowText(open) }];
    }
    default: {
      const key = sessions === null ? prefix : `${prefix}|session ${at.sessionId}`;
      return clockPools(budget, at, store, { ...base, key });
    }
  }
}

/** The labels and sessions that a budget counts here; `null` where the context lacks a label it splits by. */
function selectEntries(
  { scope }: Budget,
  at: BudgetContext,
): Pick<Pool, 'labels' | 'sessions'> | null {
  const labels: Partial<Record<keyof Attribution, string>> = {};
  let sessions: readonly SessionId[] | null = null;
  for (const [key, pattern] of Object.entries(scope.where) as [ScopeKey, string][]) {
    if (key === 'session') sessions = at.chain;
    else labels[key] = pattern;
  }
  for (const key of scope.per) {
    if (key === 'session') {
      sessions = at.chain;
      continue;
    }
    const value = at.attribution[key];
    // An entry without the label belongs to no pool of this budget.
    if (value === null) return null;
    labels[key] = value;
  }
  return { labels, sessions };
}

function clockPools(
  budget: Budget,
  at: BudgetContext,
  store: Windows,
  base: Pool,
): readonly NamedPool[] {
  const remembered = periodKey(budget.period);
  const moves = budget.period.kind === 'rolling';
  // A calendar is slow to compute, and a clock that jumps back must not open an old window again.
  const known = moves ? [] : openWindows(store.readWindows(remembered, at.now), at);
  const computed = known.length > 0 ? null : periodOf(budget.period)?.windowAt(at.now);
  if (computed && !moves) store.writeWindow(remembered, computed);
  return (computed ? [computed] : known).map((window) => ({
    pool: {
      ...base,
      key: moves ? `rolling:${base.key}` : `${base.key}|${remembered}|${window.startAt}`,
      window: { startAt: window.startAt, endAt: window.endAt },
      isAhead: at.now < window.startAt,
    },
    label: window.label,
  }));
}

/** Of the windows that are not over the one that the clock is in, and the newest that can be believed. */
function openWindows<T extends Window>(windows: readonly T[], at: BudgetContext): readonly T[] {
  const newest = windows.findLast(({ startAt }) => startAt <= at.now + BELIEVED_AHEAD_MS);
  const [oldest] = windows;
  const last = windows.at(-1);
  const ahead = last !== newest && at.isClockSetBack?.() ? last : newest;
  const current = oldest && oldest.startAt <= at.now && oldest !== ahead ? [oldest] : [];
  return ahead ? [...current, ahead] : current;
}

/** Names a period's recipe, for remembering its windows. */
export function periodKey(period: PeriodSpec): string {
  switch (period.kind) {
    case 'day':
    case 'week':
    case 'month':
      return `${period.kind}@${period.timeZone}`;
    case 'rolling':
      return `rolling:${period.lengthMs}`;
    case 'dates':
      return `dates:${period.from}/${period.until}@${period.timeZone}`;
    case 'plan':
      return planKey(period.window);
    default:
      return period.kind;
  }
}

/** The labels of a pool as its key spells them. */
function keyOf(
  budget: Pick<Budget, 'id'>,
  labels: Partial<Record<keyof Attribution, string>>,
): string {
  const parts = ATTRIBUTION_KEYS.flatMap((key) =>
    labels[key] === undefined ? [] : [`${key}=${labels[key]}`],
  );
  return [budget.id, ...parts].join('|');
}
