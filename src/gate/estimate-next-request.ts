// What the request that follows a moment may need of a budget. Rule: the forecast is asked for the ceiling
// it must stay under, and of a thread's very first request only what others were is known.
import type { AgentEvent } from '../agents/agent.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, ceilingOf, spendOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { BucketCounts, Store, ThreadRecord } from '../stores/store.ts';
import { newestMainLoop, sessionStartHold } from './first-request.ts';
import { forecastNextRequest, nextRequestUpperBound } from './forecast-inputs.ts';
import { startHold } from './subagent-spawn.ts';
import type { GateDeps } from './types.ts';

/** A summary is longer than most replies: some two thousand words. */
const SUMMARY_TOKENS = 3_000;
const PICO_PER_NANO = 1_000;

/**
 * What follows, as a function of the budget that is asked and of what is held `beside` it. Where nothing will be
 * held for it, that is 0 so far below a ceiling that no forecast could matter.
 */
export type NextRequestEstimate = (budgetStatus: BudgetStatus, beside?: NanoUsd) => NanoUsd;

/** `isHeld`: the amount itself matters, not only whether it fits. */
export function estimateNextRequest(
  event: AgentEvent,
  thread: ThreadRecord | null,
  deps: GateDeps,
  now: EpochMs,
  isHeld: boolean,
): NextRequestEstimate {
  const { store, pricer, config } = deps;
  const read = readingOnce(store);
  const under = <T extends NanoUsd | null>(ceilingNanoUsd: T) => ({
    ...{ store: read, pricer, safety: config.safety },
    ceilingNanoUsd,
  });
  if (thread === null) {
    const first = estimateFirstRequest(event, deps);
    let newest: ThreadRecord | null | undefined;
    // Nobody is kept from beginning by a guess, only from beginning where others have spent already, and would be halted.
    return (budgetStatus) => {
      if (spendOf(budgetStatus) === 0) return 0;
      if (newest === undefined) {
        const { repository } = deps.readPlace(event.cwd);
        newest = event.agentId === null ? newestMainLoop(repository, store) : null;
      }
      const { holdNanoUsd } = forecastNextRequest(
        newest,
        null,
        under(ceilingOf(budgetStatus)),
        now,
      );
      return Math.max(first(), holdNanoUsd);
    };
  }
  const summary =
    event.moment === 'before-compaction'
      ? Math.ceil((SUMMARY_TOKENS * pricer.rates(thread.model, now).output) / PICO_PER_NANO)
      : 0;
  const known = new Map<NanoUsd | null, NanoUsd>();
  // Twice: people are told to finish when there is room for this request and perhaps for no other.
  const isFar = (budgetStatus: BudgetStatus, ceilingNanoUsd: NanoUsd, beside: NanoUsd): boolean => {
    const left = ceilingNanoUsd - spendOf(budgetStatus) - beside;
    return left >= 2 * nextRequestUpperBound(thread, event.newTokens, under(ceilingNanoUsd), now);
  };
  return (budgetStatus, beside = 0) => {
    const ceilingNanoUsd = ceilingOf(budgetStatus);
    if (!isHeld && (ceilingNanoUsd === null || isFar(budgetStatus, ceilingNanoUsd, beside)))
      return 0;
    const hold =
      known.get(ceilingNanoUsd) ??
      forecastNextRequest(thread, event.newTokens, under(ceilingNanoUsd), now).holdNanoUsd;
    known.set(ceilingNanoUsd, hold);
    return hold + summary;
  };
}

/** Each ceiling is forecast by itself, and all by the same histograms. */
function readingOnce(store: Pick<Store, 'readTokenHistogram'>): Pick<Store, 'readTokenHistogram'> {
  const known = new Map<string, BucketCounts>();
  return {
    readTokenHistogram: (key) => {
      const counts = known.get(key) ?? store.readTokenHistogram(key);
      known.set(key, counts);
      return counts;
    },
  };
}

/** What is to be held for the first request of a thread; read once, and only when it matters. */
export function estimateFirstRequest(event: AgentEvent, deps: GateDeps): () => NanoUsd {
  let known: NanoUsd | null = null;
  return () => {
    const { repository } = deps.readPlace(event.cwd);
    known ??=
      event.agentId === null
        ? sessionStartHold(repository, deps.store, deps.config.safety)
        : startHold(
            event.agentType ?? deps.agent.tools.usualAgentType,
            repository,
            deps.store.readThread(event.sessionId, null),
            deps,
          );
    return known;
  };
}

/** What a first request takes at least where nothing tells: instructions and tools are some 16 000 tokens, written to the cache. */
const UNKNOWN_FIRST_NANO_USD: NanoUsd = 100_000_000;

/** The same of a team's money: others spend it as well, so whoever knows nothing yet does not begin with the last of it. */
export function firstOfTeam(event: AgentEvent, deps: GateDeps): () => NanoUsd {
  const first = estimateFirstRequest(event, deps);
  return () => first() || UNKNOWN_FIRST_NANO_USD;
}
