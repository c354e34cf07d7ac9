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

/** One request that missed. */
export interface CacheMiss {
  readonly entryId: string;
  /** Tokens that were sent again. */
  readonly tokens: number;
  /** What that cost more than reading them, in pico-dollars. */
  readonly extraPicoUsd: number;
  readonly cause: 'pause' | 'model-change' | 'other';
}

/** Adds up the misses among requests in order of time. */
export function findCacheMisses(requests: readonly LedgerLine[], rates: RatesOf): CacheMisses {
  const misses = listCacheMisses(requests, rates);
  const sum = (read: (miss: CacheMiss) => number) =>
    misses.reduce((total, miss) => total + read(miss), 0);
  return {
    count: misses.length,
    tokens: sum(({ tokens }) => tokens),
    extraNanoUsd: Math.max(0, Math.round(sum(({ extraPicoUsd }) => extraPicoUsd) / PICO_PER_NANO)),
    afterPauseCount: sum(({ cause }) => Number(cause === 'pause')),
    afterModelChangeCount: sum(({ cause }) => Number(cause === 'model-change')),
  };
}

type RatesOf = (model: string, at: EpochMs) => Rates;

/** Looks through requests in order of time, thread by thread. */
export function listCacheMisses(requests: readonly LedgerLine[], rates: RatesOf): CacheMiss[] {
  const last = new Map<string, LedgerLine>();
  const misses: CacheMiss[] = [];
  for (const request of requests) {
    const thread = request.agentId ?? '';
    const before = last.get(thread);
    last.set(thread, request);
    const miss = before ? missOf(before, request, rates) : null;
    if (miss !== null) misses.push(miss);
  }
  return misses;
}

/** What a request missed of what the one before it had left; `null`: nothing. */
function missOf(before: LedgerLine, request: LedgerLine, rates: RatesOf): CacheMiss | null {
  const held = promptTokens(before.usage);
  const { entryId, usage, attribution, occurredAt } = request;
  const sent = promptTokens(usage) - usage.cacheReadTokens;
  const isMiss = usage.cacheReadTokens < held * FOUND_RATIO && held >= LEAST_TOKENS;
  const tokens = Math.min(held - usage.cacheReadTokens, sent);
  // After a compaction the context is new and small: that is no miss.
  if (!isMiss || tokens < held * FOUND_RATIO || attribution.model === null) return null;
  const rate = rates(attribution.model, occurredAt);
  const writtenRate =
    usage.cacheWrite1hTokens > usage.cacheWrite5mTokens ? rate.cacheWrite1h : rate.cacheWrite5m;
  const written = usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const isLate = occurredAt - before.occurredAt > lifetimeOf(before);
  return {
    ...{ entryId, tokens },
    extraPicoUsd: tokens * ((written > 0 ? writtenRate : rate.input) - rate.cacheRead),
    cause:
      before.attribution.model !== attribution.model ? 'model-change' : isLate ? 'pause' : 'other',
  };
}

/** How long what a request wrote stays in the cache. */
function lifetimeOf({ usage }: LedgerLine): number {
  return usage.cacheWrite1hTokens > usage.cacheWrite5mTokens ? HOUR_MS : 5 * MINUTE_MS;
}
