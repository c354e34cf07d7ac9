// A session that works on while nobody has said anything for long. PURE.
import { MINUTE_MS } from '../domain/time.ts';
import type { Breaker } from './breaker.ts';

export const unattended: Breaker = {
  name: 'unattended',
  judge: ({ attended, now }, { overMs }) => {
    const goneMs = now.at - attended.at;
    if (overMs === null || goneMs < overMs) return null;
    return {
      count: Math.floor(goneMs / MINUTE_MS),
      costNanoUsd: now.spentNanoUsd - attended.spentNanoUsd,
      subject: null,
      sinceAt: attended.at,
    };
  },
};
