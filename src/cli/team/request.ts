// What an action of `tollgate team` is asked with.
import type { CliContext } from '../command.ts';

export interface TeamRequest {
  /** Words after the action. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly context: CliContext;
}
