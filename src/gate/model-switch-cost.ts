// What a change of the session's model costs: the cache to be written anew, and what a turn costs afterwards. Rule: the turns that were are the
// measure; where there was none, only the cache is told.

import { type SessionId, sessionId } from '../domain/ids.ts';
import { formatUsd, type NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { Rates } from '../pricing/rate-card.ts';
import type { Store } from '../stores/store.ts';

/** A switch that is about to be made, as the agent tells it. */
export interface AskedSwitch {
  readonly sessionId: string;
  readonly fromModel: string;
  readonly toModel: string;
  readonly contextTokens: number;
  readonly cacheLifetime: '5m' | '1h';
}

export interface SwitchCost {
  /** Writing the context into the other model's cache. */
  readonly cacheNanoUsd: NanoUsd;
  /** What a turn of the main loop has cost on average, and what the same turns cost at the other model; `null` before the first one. */
  readonly perTurn: { readonly nowNanoUsd: NanoUsd; readonly thenNanoUsd: NanoUsd } | null;
}

const PICO_PER_NANO = 1_000;

/** What a switch costs. */
export function modelSwitchCost(
  asked: AskedSwitch,
  { store, pricer }: { readonly store: Pick<Store, 'readMainUsage'>; readonly pricer: Pricer },
  now: EpochMs,
): SwitchCost {
  const rates = pricer.rates(asked.toModel, now);
  const write = asked.cacheLifetime === '1h' ? rates.cacheWrite1h : rates.cacheWrite5m;
  const id: SessionId = sessionId(asked.sessionId);
  const { usage, costNanoUsd, turnCount } = store.readMainUsage(id, asked.fromModel);
  return {
    cacheNanoUsd: Math.ceil((asked.contextTokens * write) / PICO_PER_NANO),
    perTurn:
      turnCount === 0
        ? null
        : {
            nowNanoUsd: Math.round(costNanoUsd / turnCount),
            thenNanoUsd: Math.round(costAt(rates, usage) / turnCount),
          },
  };
}

/** What tokens cost at a model's rates, at standard speed. */
export function costAt(rates: Rates, usage: ReturnType<Store['readMainUsage']>['usage']): NanoUsd {
  const pico =
    usage.inputTokens * rates.input +
    usage.outputTokens * rates.output +
    usage.cacheReadTokens * rates.cacheRead +
    usage.cacheWrite5mTokens * rates.cacheWrite5m +
    usage.cacheWrite1hTokens * rates.cacheWrite1h;
  return Math.round(pico / PICO_PER_NANO);
}

/** The same for the person, on the one line that the dialog has; `null` where there is nothing to say. */
export function switchText({ cacheNanoUsd, perTurn }: SwitchCost): string | null {
  if (cacheNanoUsd === 0 && perTurn === null) return null;
  const cache = `Tollgate: the cache is written anew for ${formatUsd(cacheNanoUsd)}`;
  if (perTurn === null) return `${cache}.`;
  const { thenNanoUsd, nowNanoUsd } = perTurn;
  return `${cache}; a turn then costs ${formatUsd(thenNanoUsd)} instead of ${formatUsd(nowNanoUsd)}.`;
}
