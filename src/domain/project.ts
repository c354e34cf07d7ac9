// Projects with a fixed price or a plan: what people have agreed with a client. Rule: cost is nano-dollars, a price is whole billionths of
// its currency's unit.
import type { BudgetId } from './ids.ts';
import type { NanoUsd } from './money.ts';

export interface Project {
  readonly id: string;
  /** `null`: its id. */
  readonly title: string | null;
  readonly client: string | null;
  /** Names or patterns; empty: everything that belongs to the client. */
  readonly repositories: readonly string[];
  /** First and last day, `2026-09-01`. */
  readonly from: string;
  readonly until: string;
  /** What the client pays for the project, whatever it costs. */
  readonly price: { readonly amountNano: number; readonly currency: string } | null;
  /** What the agents are planned to cost. */
  readonly plannedNanoUsd: NanoUsd | null;
  /** How many pull requests the work is planned to be. */
  readonly pullRequestCount: number | null;
  /** Name of a kind of features → pattern of their branches. */
  readonly kinds: Readonly<Record<string, string>>;
  /** The budget that guards it; `null`: it has no limit. */
  readonly budgetId: BudgetId | null;
}
