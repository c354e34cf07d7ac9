// A sign of life on stderr for work that takes longer than half a second. Rule: quick work says nothing, and
// what is said never reaches stdout.
import type { CliContext } from './command.ts';

const QUIET_MS = 500;
const PAUSE_MS = 1_000;

export interface Progress {
  /** Says how far it is, unless it was said a moment ago. */
  readonly emit: (text: string) => void;
  /** Says how long it took, if anything was said. */
  readonly end: () => void;
}

export function progressOf({ emit }: Pick<CliContext, 'emit'>): Progress {
  const startedAt = performance.now();
  let toldAt = startedAt - PAUSE_MS + QUIET_MS;
  let hasTold = false;
  return {
    emit: (text) => {
      const at = performance.now();
      if (at - toldAt < PAUSE_MS) return;
      toldAt = at;
      hasTold = true;
      emit(`tollgate: ${text}`);
    },
    end: () => {
      if (hasTold)
        emit(`tollgate: done in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
    },
  };
}
