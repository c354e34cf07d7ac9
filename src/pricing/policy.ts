// What a price depends on beside the rate card: what a person or an organisation has settled, and the request.
import type { EpochMs } from '../domain/time.ts';
import type { Rates } from './rate-card.ts';
import type { UsageReport } from './usage-report.ts';

/** Rates a person pays; whole pico-dollars per token. */
export interface OverrideRates extends Rates {
  /** Absent: fast mode costs the same. */
  readonly fast?: Rates;
}

/** One row of the client's managed `modelPricing.overrides`; whole pico-dollars per token. */
export interface ManagedRates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** One rate for both kinds of cache write. */
  readonly cacheWrite: number;
}

/**
 * What a person or an organisation has settled about prices. Keys of both tables are model ids: a
 * provider's own spelling stands for every form of that model, any other key for itself alone.
 */
export interface PricingPolicy {
  /** Instead of the card's row: no prompt-length tier, US geography on top. Empty: list price. */
  readonly overrides: Readonly<Record<string, OverrideRates>>;
  /** The organisation's own, before `overrides`; charged as written, fast or not, anywhere. */
  readonly managed?: Readonly<Record<string, ManagedRates>>;
  /**
   * Scales every cost, overridden or not, searches too, in millionths; 1 000 000 is the price as it
   * stands. As the client's `modelPricing.multiplier` does (its settings schema, read 2026-11-21).
   */
  readonly multiplierPpm: number;
  /** What stands in for a model without a price: the dearest of its family, or this model. */
  readonly unknownModel: 'dearest' | string;
  /** Whether to charge server-side compaction, which the provider bills and the client does not. */
  readonly billCompaction: boolean;
}

/** A multiplier that changes nothing. */
export const UNSCALED_PPM = 1_000_000;

/** The price as published, the client's way. */
export const LIST_PRICE: PricingPolicy = {
  overrides: {},
  multiplierPpm: UNSCALED_PPM,
  unknownModel: 'dearest',
  billCompaction: false,
};

/** One request to a model, as far as its price depends on it. */
export interface PriceableRequest {
  /** The model asked for, else the one that answered: the client prices what it asked for. */
  readonly model: string;
  readonly report: UsageReport;
  /** Earlier responses under the same message id; each is charged like the last one. */
  readonly paused: readonly UsageReport[];
  /** Picks the row of the card that held then. */
  readonly occurredAt: EpochMs;
}
