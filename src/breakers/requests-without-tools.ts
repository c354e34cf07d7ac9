// Responses one after the other that ask for no tool while no person says anything: hooks that send the agent on, wake-ups of its own. PURE.
import { type Breaker, isDear } from './breaker.ts';

/** Fewer are no loop, whatever they cost. */
const MIN_RESPONSES = 3;

export const requestsWithoutTools: Breaker = {
  name: 'requestsWithoutTools',
  judge: ({ withoutTools, now }, settings) => {
    const { count, at: sinceAt, spentNanoUsd } = withoutTools;
    const costNanoUsd = now.spentNanoUsd - spentNanoUsd;
    const isOften = settings.times !== null && count >= settings.times;
    if (!isOften && !(count >= MIN_RESPONSES && isDear(costNanoUsd, settings))) return null;
    return { count, costNanoUsd, subject: null, sinceAt };
  },
};
