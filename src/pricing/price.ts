// What a request costs: usage × rate card. Rule: every amount is a whole number of tenths of a
// pico-dollar until the end, and is rounded once, half up, to nano-dollars.
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import { forEachCharge, isLong, pickRates, tenthsAt } from './charges.ts';
import { type PriceableRequest, type PricingPolicy, UNSCALED_PPM } from './policy.ts';
import type { RateCards, Rates } from './rate-card.ts';
import { tariffFor } from './resolve.ts';
import type { UsageReport } from './usage-report.ts';

const TENTHS_PER_NANO = 10_000;
const SCALED_TENTHS_PER_NANO = 10_000_000_000n;
const SCALED_TENTHS_PER_PICO = 10_000_000n;
const MAX_NANO = BigInt(Number.MAX_SAFE_INTEGER);

export interface PricedRequest {
  /** Never above what a safe integer holds; an absurd usage costs that much. */
  readonly costNanoUsd: NanoUsd;
  /** `anthropic@2026-11-21`; `managed` or `override` when a person set the rates. */
  readonly rateCard: string;
  /** The model whose rates were used. */
  readonly pricedAs: string;
  /** The agent has no price for the model, or for an advisor it asked: a stand-in was used. */
  readonly unknownModel: boolean;
}

/** Prices one request. Pure; counts must be whole and not negative, as `parseUsage` leaves them. */
export function priceRequest(
  request: PriceableRequest,
  policy: PricingPolicy,
  cards: RateCards,
): PricedRequest {
  let tenthsOfPico = 0;
  const { tariff, unknownModel } = forEachCharge(
    request,
    policy,
    cards,
    (part, _what, count, rate) => {
      tenthsOfPico += count * rate * part.tenths;
    },
  );
  return {
    // A sum of whole positive numbers that ends below 2^53 was exact at every step.
    costNanoUsd:
      policy.multiplierPpm === UNSCALED_PPM && Number.isSafeInteger(tenthsOfPico)
        ? roundToNano(tenthsOfPico)
        : exactCostNanoUsd(request, policy, cards),
    rateCard: tariff.rateCard,
    pricedAs: tariff.pricedAs,
    unknownModel,
  };
}

/** The same cost in unbounded integers: what `priceRequest` falls back to, and is tested against. */
export function exactCostNanoUsd(
  request: PriceableRequest,
  policy: PricingPolicy,
  cards: RateCards,
): NanoUsd {
  let tenthsOfPico = 0n;
  forEachCharge(request, policy, cards, (part, _what, count, rate) => {
    tenthsOfPico += BigInt(count) * BigInt(rate) * BigInt(part.tenths);
  });
  const scaled = tenthsOfPico * BigInt(policy.multiplierPpm);
  const nano = (scaled + SCALED_TENTHS_PER_NANO / 2n) / SCALED_TENTHS_PER_NANO;
  return nano > MAX_NANO ? Number.MAX_SAFE_INTEGER : Number(nano);
}

/** What the next request of a forecast would look like, as far as its rates depend on it. */
export interface Circumstances {
  /** Absent: standard. */
  readonly speed?: UsageReport['speed'];
  /** Absent: nowhere in particular. */
  readonly inferenceGeo?: string | null;
  /** Expected length of the prompt; absent: short. */
  readonly promptTokens?: number;
}

/** The rates a model is charged at, multiplier and geography included; whole pico-dollars, never rounded down. */
export function ratesFor(
  model: string,
  occurredAt: EpochMs,
  policy: PricingPolicy,
  cards: RateCards,
  circumstances: Circumstances = {},
): Rates {
  const tariff = tariffFor(model, occurredAt, policy, cards);
  const fast = circumstances.speed === 'fast' && tariff.fast !== null;
  const long = !fast && isLong(tariff, circumstances.promptTokens ?? 0);
  const rates = pickRates(tariff, fast, long);
  const tenths = tenthsAt(tariff, circumstances.inferenceGeo ?? null);
  if (tenths === 10 && policy.multiplierPpm === UNSCALED_PPM) return rates;
  const factor = BigInt(tenths) * BigInt(policy.multiplierPpm);
  const scale = (rate: number): number =>
    Number((BigInt(rate) * factor + SCALED_TENTHS_PER_PICO - 1n) / SCALED_TENTHS_PER_PICO);
  return {
    input: scale(rates.input),
    output: scale(rates.output),
    cacheRead: scale(rates.cacheRead),
    cacheWrite5m: scale(rates.cacheWrite5m),
    cacheWrite1h: scale(rates.cacheWrite1h),
  };
}

/** Half up, by remainder: no step leaves the whole numbers. */
function roundToNano(tenthsOfPico: number): NanoUsd {
  const rest = tenthsOfPico % TENTHS_PER_NANO;
  const down = (tenthsOfPico - rest) / TENTHS_PER_NANO;
  return rest * 2 >= TENTHS_PER_NANO ? down + 1 : down;
}
