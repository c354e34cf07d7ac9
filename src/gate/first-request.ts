// What the first request of a thread may cost: nothing is known of it but what others like it have cost.
// Rule: read from the ledger's newest threads; without any, a session begins unhindered.
import type { SafetyLevel } from '../config/config.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Store, ThreadCost, ThreadRecord } from '../stores/store.ts';

/** As many of the newest threads as are looked at. */
const SAMPLE_COUNT = 10;

/** What to hold for the first request of a new session. */
export function sessionStartHold(
  repository: string | null,
  store: Store,
  safety: SafetyLevel,
): NanoUsd {
  const here = repository === null ? [] : store.readSessionStarts(repository, SAMPLE_COUNT);
  return firstHold(here.length > 0 ? here : store.readSessionStarts(null, SAMPLE_COUNT), safety);
}

/**
 * The main loop of the newest session, here or else anywhere, as it was before it had a context. A new session sends other
 * things, but its replies come from the same model and machine. `null`: there was none.
 */
export function newestMainLoop(repository: string | null, store: Store): ThreadRecord | null {
  const id =
    (repository === null ? null : store.readNewestSession(repository)) ??
    store.readNewestSession(null);
  const thread = id === null ? null : store.readThread(id, null);
  return thread && { ...thread, contextTokens: 0, lastOutputTokens: 0 };
}

/** What the newest subagents of a kind have cost here, or where there are none, anywhere. */
export function subagentCosts(
  agentType: string,
  repository: string | null,
  store: Store,
): readonly ThreadCost[] {
  const here =
    repository === null ? [] : store.readSubagentCosts(agentType, repository, SAMPLE_COUNT);
  return here.length > 0 ? here : store.readSubagentCosts(agentType, null, SAMPLE_COUNT);
}

/** What to hold for a first request, given what others were; 0 when there were none. */
export function firstHold(costs: readonly ThreadCost[], safety: SafetyLevel): NanoUsd {
  const firsts = costs.map(({ firstNanoUsd }) => firstNanoUsd).sort((a, b) => a - b);
  switch (safety) {
    case 'none':
      return 0;
    case 'expected':
      return firsts[Math.floor(firsts.length / 2)] ?? 0;
    case 'cautious':
      return firsts[Math.floor(firsts.length * 0.9)] ?? 0;
    case 'strict':
      return firsts.at(-1) ?? 0;
  }
}
