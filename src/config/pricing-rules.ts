// How prices of one more file meet those of the files outside it. Rule: pure; a file that is not free to set prices
// may raise them, for no model, token class, speed or prompt length lower them.
import type { OverrideRates, PricingPolicy } from '../pricing/policy.ts';
import type { RateCards, Rates } from '../pricing/rate-card.ts';
import { type Tariff, tariffFor } from '../pricing/resolve.ts';
import type { LayerPrice } from './layer.ts';

const CLASSES = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;

/** The moment prices are compared at, and the cards they are compared with. */
export interface PriceBasis {
  readonly cards: RateCards;
  /** Epoch ms; rates to come are looked at as well. */
  readonly at: number;
}

/**
 * The whole row for what a file says about one model. Classes it leaves out, and fast mode, keep the price they
 * have; unknown models have that of the model they are priced as.
 */
export function completeRates(
  model: string,
  price: LayerPrice,
  policy: PricingPolicy,
  basis: PriceBasis,
): OverrideRates {
  const now = tariffFor(model, basis.at, policy, basis.cards);
  const rates = each((name) => price[name] ?? now.rates[name]);
  return now.fast === null ? rates : { ...rates, fast: now.fast };
}

/** What became of a price that may only rise; `lowered` names the classes that would have sunk. */
export interface RaisedRates {
  readonly rates: OverrideRates;
  readonly lowered: readonly string[];
  /** No price of the model's own is known; it is priced as another one. */
  readonly standIn: boolean;
}

/** The same, never below what the model costs under `policy`, today or on the card's last day. */
export function raisedRates(
  model: string,
  price: LayerPrice,
  policy: PricingPolicy,
  basis: PriceBasis,
): RaisedRates {
  const tariffs = [basis.at, Number.POSITIVE_INFINITY].map((at) =>
    tariffFor(model, at, policy, basis.cards),
  );
  const floor = each((name) => Math.max(...tariffs.flatMap(allRates).map((rates) => rates[name])));
  const rates = each((name) => Math.max(price[name] ?? 0, floor[name]));
  const lowered = CLASSES.filter((name) => (price[name] ?? Number.POSITIVE_INFINITY) < floor[name]);
  const fasts = tariffs.flatMap((tariff) => (tariff.fast === null ? [] : [tariff.fast]));
  const standIn = tariffs.some((tariff) => tariff.unknownModel);
  if (fasts.length === 0) return { rates, lowered, standIn };
  const fast = each((name) => Math.max(rates[name], ...fasts.map((row) => row[name])));
  return { rates: { ...rates, fast }, lowered, standIn };
}

/** An override knows no prompt lengths, so the dearer tier is part of the floor. */
function allRates(tariff: Tariff): Rates[] {
  return tariff.longPrompt === null ? [tariff.rates] : [tariff.rates, tariff.longPrompt.rates];
}

function each(rate: (name: (typeof CLASSES)[number]) => number): Rates {
  const [input, output] = [rate('input'), rate('output')];
  const [cacheWrite5m, cacheWrite1h] = [rate('cacheWrite5m'), rate('cacheWrite1h')];
  return { input, output, cacheRead: rate('cacheRead'), cacheWrite5m, cacheWrite1h };
}
