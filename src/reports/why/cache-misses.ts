// Requests that had to send again what the cache had held. Rule: pure; a miss is a request that found less than
// half of what its thread's last request had left there, and its price is writing it instead of reading it.

import type { LedgerLine } from '../../domain/aggregates.ts';
import type { NanoUsd } from '../../domain/money.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { promptTokens } from '../../domain/usage.ts';
import type { Rates } from '../../pricing/rate-card.ts';

export interface CacheMisses {
  readonly count: number;
  /** Tokens that were sent again. */
  readonly tokens: number;
  /** What that cost more than reading them from the cache. */
  readonly extraNanoUsd: NanoUsd;
  /** How many came after a pause longer than the cache lives. */
  readonly afterPauseCount: number;
  /** How many came with a change of the model. */
  readonly afterModelChangeCount: number;
}

const FOUND_RATIO = 0.5;
/** Less is not worth a word. */
const LEAST_TOKENS = 2_000;
const PICO_PER_NANO = 1_000;

/** Looks through requests in order of time, thread by thread. */
export function findCacheMisses(
  requests: readonly LedgerLine[],
  rates: (model: string, at: EpochMs) => Rates,
): CacheMisses {
  const last = new Map<string, LedgerLine>();
  let [count, tokens, extraPico, afterPauseCount, afterModelChangeCount] = [0, 0, 0, 0, 0];
  for (const request of requests) {
    const thread = request.agentId ?? '';
    const before = last.get(thread);
    last.set(thread, request);
    if (!before) continue;
    const held = promptTokens(before.usage);
    const { usage, attribution, occurredAt } = request;
    const sent = promptTokens(usage) - usage.cacheReadTokens;
    const isMiss = usage.cacheReadTokens < held * FOUND_RATIO && held >= LEAST_TOKENS;
    const again = Math.min(held - usage.cacheReadTokens, sent);
    // After a compaction the context is new and small: that is no miss.
    if (!isMiss || again < held * FOUND_RATIO || attribution.model === null) continue;
    const rate = rates(attribution.model, occurredAt);
    const writtenRate =
      usage.cacheWrite1hTokens > usage.cacheWrite5mTokens ? rate.cacheWrite1h : rate.cacheWrite5m;
    const written = usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
    count += 1;
    tokens += again;
    extraPico += again * ((written > 0 ? writtenRate : rate.input) - rate.cacheRead);
    if (before.attribution.model !== attribution.model) afterModelChangeCount += 1;
    else if (occurredAt - before.occurredAt > lifetimeOf(before)) afterPauseCount += 1;
  }
  const extraNanoUsd = Math.max(0, Math.round(extraPico / PICO_PER_NANO));
  return { count, tokens, extraNanoUsd, afterPauseCount, afterModelChangeCount };
}

/** How long what a request wrote stays in the cache. */
function lifetimeOf({ usage }: LedgerLine): number {
  return usage.cacheWrite1hTokens > usage.cacheWrite5mTokens ? HOUR_MS : 5 * MINUTE_MS;
}
