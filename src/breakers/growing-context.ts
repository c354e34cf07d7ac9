// A context that grows, or is paid for again and again, while nothing is edited. PURE.
import { type Breaker, isDear } from './breaker.ts';

/** Fewer requests are no loop, whatever they cost. */
const MIN_REQUESTS = 10;

export const growingContext: Breaker = {
  name: 'growingContext',
  judge: ({ context, now }, settings) => {
    const { requestCount: count, at: sinceAt } = context;
    const costNanoUsd = now.spentNanoUsd - context.spentNanoUsd;
    const isLarge =
      settings.tokens !== null && now.contextTokens - context.tokens >= settings.tokens;
    if (!isLarge && !(count >= MIN_REQUESTS && isDear(costNanoUsd, settings))) return null;
    return { count, costNanoUsd, subject: null, sinceAt };
  },
};
