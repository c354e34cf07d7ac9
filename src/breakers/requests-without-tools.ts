// Responses that ask for no tool while no person says anything, one after the other or with a little work between: hooks that send the agent on,
// wake-ups of its own. PURE.
import { type Breaker, isDear } from './breaker.ts';

/** Fewer are no loop, whatever they cost. */
const MIN_RESPONSES = 3;
/** With work between them, so many times as often. */
const WITH_WORK = 2;

export const requestsWithoutTools: Breaker = {
  name: 'requestsWithoutTools',
  judge: ({ withoutTools, turnEnds, now }, settings) => {
    const found = [
      { since: withoutTools, ratio: 1, subject: null },
      { since: turnEnds, ratio: WITH_WORK, subject: 'end of the turn' },
    ];
    for (const { since, ratio, subject } of found) {
      if (since === undefined) continue;
      const { count, at: sinceAt } = since;
      const costNanoUsd = now.spentNanoUsd - since.spentNanoUsd;
      const isOften = settings.times !== null && count >= ratio * settings.times;
      if (isOften || (count >= ratio * MIN_RESPONSES && isDear(costNanoUsd, settings)))
        return { count, costNanoUsd, subject, sinceAt };
    }
    return null;
  },
};
