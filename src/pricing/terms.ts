// The lines of a price, so that anyone can check it by hand. Rule: it takes the very charges that
// `priceRequest` adds up; the amounts are exact, and their sum rounded once is the cost.
import { type ChargeKind, forEachCharge, type Part } from './charges.ts';
import { type PriceableRequest, type PricingPolicy, UNSCALED_PPM } from './policy.ts';
import type { RateCards } from './rate-card.ts';

/** Why a line is not simply the model's standard rate. */
export type TermNote =
  | 'fast'
  | 'long-prompt'
  | 'us-geography'
  | 'multiplier'
  | 'advisor'
  | 'paused-response'
  | 'compaction'
  | 'override'
  | 'managed'
  | 'unknown-model';

/** One line: `count` × `ratePicoUsd` × `factor` = `amountPicoUsd`. */
export interface Term {
  readonly what: ChargeKind;
  /** Tokens, or searches. */
  readonly count: number;
  /** The listed rate of one, in pico-dollars. */
  readonly ratePicoUsd: number;
  /** Geography times multiplier, exact decimal: `1`, `1.1`, `0.935`. */
  readonly factor: string;
  /** Exact decimal in pico-dollars, as text: it may be larger than a number can hold. */
  readonly amountPicoUsd: string;
  /** The model whose rates were used. */
  readonly pricedAs: string;
  /** Empty: an ordinary line at the standard rate. */
  readonly notes: readonly TermNote[];
}

/** Lists what `priceRequest` adds up, in the same order. Classes with nothing in them are left out. */
export function priceTerms(
  request: PriceableRequest,
  policy: PricingPolicy,
  cards: RateCards,
): readonly Term[] {
  const terms: Term[] = [];
  const ppm = BigInt(policy.multiplierPpm);
  forEachCharge(request, policy, cards, (part, what, count, ratePicoUsd) => {
    const factor = BigInt(part.tenths) * ppm;
    terms.push({
      what,
      count,
      ratePicoUsd,
      factor: decimal(factor),
      amountPicoUsd: decimal(BigInt(count) * BigInt(ratePicoUsd) * factor),
      pricedAs: part.tariff.pricedAs,
      notes: notesOf(part, what, policy),
    });
  });
  return terms;
}

function notesOf(part: Part, what: ChargeKind, policy: PricingPolicy): readonly TermNote[] {
  const notes: TermNote[] = [];
  if (part.role === 'advisor' || part.role === 'compaction') notes.push(part.role);
  if (part.role === 'paused') notes.push('paused-response');
  if (part.fast) notes.push('fast');
  if (part.longPrompt) notes.push('long-prompt');
  if (part.tenths !== 10) notes.push('us-geography');
  // A search costs the same on every model, so whose rates were used says nothing about it.
  if (what !== 'web search') {
    const { rateCard, unknownModel } = part.tariff;
    if (rateCard === 'override' || rateCard === 'managed') notes.push(rateCard);
    if (unknownModel) notes.push('unknown-model');
  }
  if (policy.multiplierPpm !== UNSCALED_PPM) notes.push('multiplier');
  return notes;
}

/** Ten-millionths (tenths × millionths) as a decimal without trailing zeros. */
function decimal(tenMillionths: bigint): string {
  const digits = String(tenMillionths).padStart(8, '0');
  const fraction = digits.slice(-7).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -7) : `${digits.slice(0, -7)}.${fraction}`;
}
