// The contract of routing: what a rule asks of a subagent before it starts, and what it does with it.
import type { NanoUsd } from '../domain/money.ts';

/** When a rule holds: everything that is not `null` must. */
export interface RoutingConditions {
  /** Pattern on the kind of the subagent. */
  readonly agentType: string | null;
  /** Pattern on what it is to do, as the agent describes it; letter case does not matter. */
  readonly work: string | null;
  /** Family of the model it would have. */
  readonly model: string | null;
  readonly background: boolean | null;
  /** Whether nobody sits at the session: print mode, or driven by a program. */
  readonly batch: boolean | null;
  /** Share of a ceiling that is spent, at least. */
  readonly spentRatio: number | null;
  /** What it is expected to cost, at least. */
  readonly expectedNanoUsd: NanoUsd | null;
}

export type RoutingAction =
  | { readonly kind: 'model'; readonly model: string }
  | { readonly kind: 'ask' }
  | { readonly kind: 'refuse' };

export interface RoutingRule {
  readonly id: string;
  readonly when: RoutingConditions;
  readonly action: RoutingAction;
}

/** A subagent that is about to start. */
export interface SpawnFacts {
  readonly agentType: string;
  readonly work: string | null;
  /** The model it would have: an alias, or the model of whoever starts it. */
  readonly askedModel: string;
  readonly isBackground: boolean;
  readonly isBatch: boolean;
  /** Whether the call can name another model. */
  readonly canChangeModel: boolean;
  /** The largest share of a ceiling that is spent; 0 without one. */
  readonly spentRatio: number;
  readonly expectedNanoUsd: NanoUsd;
}

/** What is done with it, and by which rule. */
export interface Route {
  readonly rule: string;
  readonly action: RoutingAction;
}
