// Dollars per minute of the whole session, over a window. PURE.
import { MINUTE_MS } from '../domain/time.ts';
import type { Breaker } from './breaker.ts';

export const spendRate: Breaker = {
  name: 'spendRate',
  judge: ({ now }, { perMinuteNanoUsd, overMs }, spentSince) => {
    if (perMinuteNanoUsd === null || overMs === null) return null;
    const sinceAt = now.at - overMs;
    const costNanoUsd = spentSince(sinceAt);
    const minutes = overMs / MINUTE_MS;
    if (costNanoUsd < perMinuteNanoUsd * minutes) return null;
    return { count: Math.round(minutes), costNanoUsd, subject: null, sinceAt };
  },
};
