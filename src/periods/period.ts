// The contract of a period: a recipe for windows. Rule: windows of one period tile time, without gap
// or overlap; nothing here reads a clock.
import type { EpochMs, Window } from '../domain/time.ts';

/** One window of a period, with its name for people: `day 2026-11-21`. */
export interface LabelledWindow extends Window {
  readonly label: string;
}

/** A period whose windows depend on the clock alone. */
export interface Period {
  /** Names the recipe, so that its windows can be remembered: `day@Europe/Berlin`. */
  readonly key: string;
  /** Whether its window moves with every moment; such windows are not remembered. */
  readonly moves: boolean;
  readonly windowAt: (at: EpochMs) => LabelledWindow;
}
