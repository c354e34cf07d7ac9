// Prices as one person pays them: the published cards, seen through what that person has settled.
import type { EpochMs } from '../domain/time.ts';
import { type PriceableRequest, type PricingPolicy, UNSCALED_PPM } from './policy.ts';
import { type PricedRequest, priceRequest, ratesFor } from './price.ts';
import type { RateCards, Rates } from './rate-card.ts';
import { type Tariff, tariffFor } from './resolve.ts';

export interface Pricer {
  readonly price: (request: PriceableRequest) => PricedRequest;
  /** Rates of a model at a moment, in pico-dollars per token; an unknown model's are its stand-in's. */
  readonly rates: (model: string, at: EpochMs) => Rates;
  /** What a model is charged by at a moment, before geography and multiplier. */
  readonly tariff: (model: string, at: EpochMs) => Tariff;
  /**
   * What a dollar of the agent's own total is worth here, in millionths; `null` when the person's prices
   * differ by model, so that the agent's total (at list price) settles nothing.
   */
  readonly hostDollarPpm: number | null;
}

export function pricerOf(policy: PricingPolicy, cards: RateCards): Pricer {
  return {
    price: (request) => priceRequest(request, policy, cards),
    rates: (model, at) => ratesFor(model, at, policy, cards),
    tariff: (model, at) => tariffFor(model, at, policy, cards),
    hostDollarPpm: hostDollarPpm(policy),
  };
}

function hostDollarPpm(policy: PricingPolicy): number | null {
  if (Object.keys(policy.overrides).length > 0) return null;
  // Managed prices are the client's own: its total is in these dollars already.
  return policy.managed ? UNSCALED_PPM : policy.multiplierPpm;
}
