// What the same tokens would have cost on another model. Rule: pure; token counts are taken as they were, though
// another model would have written, and thought, more or less.

import type { LedgerLine } from '../../domain/aggregates.ts';
import type { NanoUsd } from '../../domain/money.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { RatesAt } from './causes.ts';

export interface WhatIf {
  readonly model: string;
  readonly costNanoUsd: NanoUsd;
  /** What was paid for the same tokens. */
  readonly paidNanoUsd: NanoUsd;
  /** Cost ÷ what was paid; `null` when that was nothing. */
  readonly ratio: number | null;
}

const PICO_PER_NANO = 1_000n;

/** Each model with what the session's usage would have cost on it, the cheapest first. */
export function priceElsewhere(
  lines: readonly LedgerLine[],
  models: readonly string[],
  rates: RatesAt,
): readonly WhatIf[] {
  const metered = lines.filter(
    ({ kind, reason }) => kind === 'usage' || reason === 'grown' || reason === 'repriced',
  );
  const paid = metered.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
  const days = byDay(metered);
  return models
    .map((model): WhatIf => {
      const costNanoUsd = costOn(model, days, rates);
      return { model, costNanoUsd, paidNanoUsd: paid, ratio: paid > 0 ? costNanoUsd / paid : null };
    })
    .sort((a, b) => a.costNanoUsd - b.costNanoUsd || (a.model < b.model ? -1 : 1));
}

interface DayUsage {
  readonly at: EpochMs;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
}

const DAY_MS = 86_400_000;

/** Prices change at the turn of a day, UTC. */
function byDay(lines: readonly LedgerLine[]): readonly DayUsage[] {
  const days = new Map<number, DayUsage>();
  for (const { usage, occurredAt } of lines) {
    const at = Math.floor(occurredAt / DAY_MS) * DAY_MS;
    const day = days.get(at) ?? {
      at,
      input: 0,
      output: 0,
      cacheRead: 0,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
    };
    day.input += usage.inputTokens;
    day.output += usage.outputTokens;
    day.cacheRead += usage.cacheReadTokens;
    day.cacheWrite5m += usage.cacheWrite5mTokens;
    day.cacheWrite1h += usage.cacheWrite1hTokens;
    days.set(at, day);
  }
  return [...days.values()];
}

function costOn(model: string, days: readonly DayUsage[], rates: RatesAt): NanoUsd {
  let pico = 0n;
  for (const day of days) {
    const rate = rates(model, day.at);
    for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const) {
      pico += BigInt(day[kind]) * BigInt(rate[kind]);
    }
  }
  return Number((pico + PICO_PER_NANO / 2n) / PICO_PER_NANO);
}
