// The contract of a rate card: prices from a date on, with their source.
// Rule: rates are whole pico-dollars per token, listed as published; no rate is derived from another.

/**
 * Pico-dollars (10⁻¹² USD) per token, whole and never negative. The same digits read as
 * micro-dollars per million tokens: `4_000_000` is $4.000000 per million.
 */
export interface Rates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

/** Rates for a request whose prompt is longer than `aboveTokens`; then they hold for all of it. */
export interface LongPrompt {
  readonly aboveTokens: number;
  readonly rates: Rates;
}

/** The price of one model in one span of time. */
export interface RateRow {
  /** The model's id as this card spells it. */
  readonly model: string;
  /** Models of one family stand in for each other when a price is missing. */
  readonly family: string;
  /** First day, UTC, `YYYY-MM-DD`; `null`: as long as anyone remembers. */
  readonly from: string | null;
  /** First day on which it no longer holds, UTC; `null`: holds still. */
  readonly to: string | null;
  readonly rates: Rates;
  /** `null`: the model has no fast mode; what claims to be fast is charged as standard. */
  readonly fast: Rates | null;
  /** `null`: one price for every prompt length. */
  readonly longPrompt: LongPrompt | null;
  /** Whether the agent itself knows this price; if not, its own bill uses another model's. */
  readonly hostPriced: boolean;
  /** Where the numbers were read and when. */
  readonly source: string;
}

/** What a spelling of a model says. */
export interface ModelName {
  /** The card's id for it; `null`: not on the card. */
  readonly model: string | null;
  /** `null`: not even the family is known. */
  readonly family: string | null;
}

/** One provider's prices as read on one day. */
export interface RateCard {
  /** `provider@day`, the day it was read; goes into every price that rests on it. */
  readonly id: string;
  /** Oldest first within a family; the rows of one model in order of time. */
  readonly rows: readonly RateRow[];
  /** Pico-dollars for one web search. */
  readonly webSearchPicoUsd: number;
  /** What tokens cost when inference is pinned to the US, in tenths: 11 is ten per cent more. */
  readonly usGeographyTenths: number;
  /** Tells which model a spelling means. Pure; the caller keeps the answer. */
  readonly identify: (spelling: string) => ModelName;
  /** Whether a spelling is a provider's own (dated, Bedrock, Vertex) rather than someone's variation. */
  readonly isOfficial: (spelling: string) => boolean;
}

/** The cards in use, never none; where several know a model the first one counts. */
export type RateCards = readonly [RateCard, ...RateCard[]];
