// The contract of a period: a recipe for windows. Rule: windows of one period do not overlap, and
// those of an endless one leave no gap; nothing here reads a clock.
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
  /** `null`: it is none of its time. */
  readonly windowAt: (at: EpochMs) => LabelledWindow | null;
}

/** A period whose windows follow one another without end. */
export interface EndlessPeriod extends Period {
  readonly windowAt: (at: EpochMs) => LabelledWindow;
}
