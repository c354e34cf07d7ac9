// Budgets: scope × period × limits × mode. Rule: a budget says what is wanted; what was spent is `spend.ts`.
import type { Attribution } from './attribution.ts';
import type { BudgetId } from './ids.ts';
import { exactUsd, type NanoUsd } from './money.ts';
import { matchesPattern } from './pattern.ts';
import { type PlanWindowName, unitsText } from './plan-window.ts';
import { matchesRepository } from './repository.ts';

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
  | {
      /** Days of a zone, `2026-09-01`, both included. */
      readonly kind: 'dates';
      readonly from: string;
      readonly until: string;
      readonly timeZone: string;
    }
  | { readonly kind: 'forever' }
  /** Amounts of such a budget are billionths of the window. */
  | { readonly kind: 'plan'; readonly window: PlanWindowName };

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

/** Whether money spent under these labels counts towards the budget. Labels nobody knows match nothing. */
export function inScope(scope: Scope, attribution: Attribution, session: string): boolean {
  for (const [key, pattern] of Object.entries(scope.where)) {
    const value = key === 'session' ? session : attribution[key as Exclude<ScopeKey, 'session'>];
    if (value === null || !matchesScope(key as ScopeKey, pattern, value)) return false;
  }
  return true;
}

/** Whether a label is one that a scope's pattern means; repositories in any spelling of their name. */
export const matchesScope = (key: ScopeKey, pattern: string, value: string): boolean =>
  key === 'repository' ? matchesRepository(pattern, value) : matchesPattern(pattern, value);

/** A limit as it is written: exact dollars, or a share of a plan's window. */
export const limitText = (limit: NanoUsd, { period }: Pick<Budget, 'period'>): string =>
  period.kind === 'plan' ? unitsText(limit) : `$${exactUsd(limit)}`;
