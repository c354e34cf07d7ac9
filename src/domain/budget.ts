// Budgets: scope × period × limits × mode. Rule: a budget says what is wanted; what was spent is `spend.ts`.
import type { Attribution } from './attribution.ts';
import type { BudgetId } from './ids.ts';
import type { NanoUsd } from './money.ts';

/** What Tollgate does about a breach: write it down, say it, or stop the agent. */
export type Mode = 'observe' | 'warn' | 'enforce';

/** Labels a budget can be bound to. */
export type ScopeKey =
  | 'repository'
  | 'subPath'
  | 'branch'
  | 'developer'
  | 'client'
  | 'costCentre'
  | 'ticket'
  | 'model'
  | 'agentType'
  | 'session';

/**
 * Which entries count. `where` keeps entries whose label matches the pattern (`*` and `?` as in a shell);
 * `per` splits the budget: one pool for each value of these labels.
 * Both empty: everything on this machine counts into one pool.
 */
export interface Scope {
  readonly where: Readonly<Partial<Record<ScopeKey, string>>>;
  readonly per: readonly ScopeKey[];
}

/** The recipe for windows, in its canonical spelling: see `periods/periods.ts`. */
export type PeriodSpec =
  | { readonly kind: 'session'; readonly followChain: boolean }
  | { readonly kind: 'turn' }
  | { readonly kind: 'subagent' }
  | { readonly kind: 'day' | 'week' | 'month'; readonly timeZone: string }
  | { readonly kind: 'rolling'; readonly lengthMs: number }
  | { readonly kind: 'forever' };

/** One budget in its canonical shape; every amount in nano-dollars, `null` where no such limit is set. */
export interface Budget {
  readonly id: BudgetId;
  readonly scope: Scope;
  readonly period: PeriodSpec;
  /** Crossing it warns. */
  readonly softNanoUsd: NanoUsd | null;
  /** Share of the ceiling (0..1) at which the model is told to finish and hand over; `null`: never. */
  readonly wrapUpRatio: number | null;
  /** Crossing it halts. */
  readonly hardNanoUsd: NanoUsd | null;
  readonly mode: Mode;
}

/** Whether a text stands for more than itself. */
export const isPattern = (text: string): boolean => text.includes('*') || text.includes('?');

/** Whether `pattern` (`*`, `?`) matches the whole of `text`; in time of at most one length times the other. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (!isPattern(pattern)) return pattern === text;
  let at = 0;
  let from = 0;
  // The latest star, and where what it stands for ends as far as tried.
  let star = -1;
  let starEnd = 0;
  while (from < text.length) {
    const char = pattern[at];
    if (char === '*') {
      star = at;
      starEnd = from;
      at += 1;
    } else if (char === '?' || char === text[from]) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      starEnd += 1;
      from = starEnd;
      at = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Whether money spent under these labels counts towards the budget. Labels nobody knows match nothing. */
export function inScope(scope: Scope, attribution: Attribution, session: string): boolean {
  for (const [key, pattern] of Object.entries(scope.where)) {
    const value = key === 'session' ? session : attribution[key as Exclude<ScopeKey, 'session'>];
    if (value === null || !matchesPattern(pattern, value)) return false;
  }
  return true;
}
