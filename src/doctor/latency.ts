// How long a hook takes on this machine, beside starting Node alone.
import type { Check } from './check.ts';

/** People notice a second at every tool call. */
const SLOW_MS = 1_000;

export const latency: Check = {
  name: 'latency',
  run: async ({ timeHook }) => {
    const timed = await timeHook();
    if (timed === null) return { summary: 'no hook to time', facts: {}, findings: [] };
    const hookMs = Math.round(timed.hookMs);
    const nodeMs = Math.round(timed.nodeMs);
    const values = { hookMs, nodeMs };
    return {
      summary: `a hook takes ${hookMs} ms, Node alone ${nodeMs} ms`,
      facts: values,
      findings: hookMs > SLOW_MS ? [{ code: 'HOOK_SLOW', values }] : [],
    };
  },
};
