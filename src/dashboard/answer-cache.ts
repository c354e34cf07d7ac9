// Answers that many listeners ask for at once are made once. Rule: an answer is kept for one version of the ledger, and for a second at most,
// because figures like a burn rate change with the clock.
import { SECOND_MS } from '../domain/time.ts';
import type { PageAnswer } from './dashboard.ts';

interface Kept {
  readonly version: string;
  readonly madeAt: number;
  readonly answer: Promise<PageAnswer>;
}

const KEPT_COUNT = 64;

export interface AnswerCache {
  /** The answer of this name, or what `make` makes. */
  readonly answerTo: (
    name: string,
    version: string,
    make: () => Promise<PageAnswer>,
  ) => Promise<PageAnswer>;
  /** Something was changed from here: nothing kept is shown again. */
  readonly forget: () => void;
}

export function answerCache(clock: () => number): AnswerCache {
  const kept = new Map<string, Kept>();
  return {
    answerTo: (name, version, make) => {
      const known = kept.get(name);
      const now = clock();
      if (known?.version === version && now - known.madeAt < SECOND_MS) return known.answer;
      const answer = make();
      kept.delete(name);
      kept.set(name, { version, madeAt: now, answer });
      // What failed is tried anew by whoever asks next.
      answer.catch(() => kept.delete(name));
      const oldest = kept.keys().next();
      if (kept.size > KEPT_COUNT && !oldest.done) kept.delete(oldest.value);
      return answer;
    },
    forget: () => kept.clear(),
  };
}
