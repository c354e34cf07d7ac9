// Which rates a model is charged by: managed price, own price, the row of the card, or a stand-in.
// Rule: there is always a price; when it is a stand-in, the tariff says `unknownModel`.
import type { EpochMs } from '../domain/time.ts';
import type { ManagedRates, PricingPolicy } from './policy.ts';
import type { LongPrompt, ModelName, RateCard, RateCards, RateRow, Rates } from './rate-card.ts';

/** What one model costs under one policy at one moment, before geography and multiplier. */
export interface Tariff {
  /** The model it is priced as; as the agent spelled it where only an override knows it. */
  readonly pricedAs: string;
  /** The card the rates were read from; `managed` or `override` when a person set them. */
  readonly rateCard: string;
  readonly rates: Rates;
  /** `null`: fast costs the same, or there is none. */
  readonly fast: Rates | null;
  readonly longPrompt: LongPrompt | null;
  /** Tokens pinned to the US, in tenths of their price; 10 where the price already says it all. */
  readonly usGeographyTenths: number;
  readonly webSearchPicoUsd: number;
  /** The agent itself has no price for this model; ours is a stand-in and must be flagged. */
  readonly unknownModel: boolean;
}

/** A model as the cards know it. */
export interface ResolvedModel extends ModelName {
  /** The card that knows it; the first one when none does. */
  readonly card: RateCard;
  /** Whether the agent itself has a price for it. */
  readonly hostPriced: boolean;
}

interface DatedRow {
  readonly row: RateRow;
  /** One object, since most requests are charged by the same row. */
  readonly tariff: Tariff;
  /** First instant at which the row no longer holds; Infinity: holds still. */
  readonly endAt: EpochMs;
}

/** The rows of a card by model, in order of time. */
type CardIndex = ReadonlyMap<string, readonly DatedRow[]>;

/** Spellings kept; garbage in a transcript must not fill the memory of a resident gate. */
const SPELLINGS_KEPT = 1_000;

const indexes = new WeakMap<RateCard, CardIndex>();
const resolutions = new WeakMap<RateCards, Map<string, ResolvedModel>>();
const overrideIndexes = new WeakMap<object, ReadonlyMap<string, unknown>>();

/** Tells which model a spelling means; `model` is `null` when no card lists it. */
export function resolveModel(spelling: string, cards: RateCards): ResolvedModel {
  let kept = resolutions.get(cards);
  if (!kept) {
    kept = new Map();
    resolutions.set(cards, kept);
  }
  const known = kept.get(spelling);
  if (known) return known;
  const resolved = identifyIn(spelling, cards);
  if (kept.size >= SPELLINGS_KEPT) kept.clear();
  kept.set(spelling, resolved);
  return resolved;
}

/**
 * What a model is charged by at a moment. First match counts: the managed price, the override,
 * the card's row, the stand-in of the policy. A day before the first row takes the first row.
 */
export function tariffFor(
  spelling: string,
  occurredAt: EpochMs,
  policy: PricingPolicy,
  cards: RateCards,
): Tariff {
  const found = resolveModel(spelling, cards);
  const set = setByPeople(spelling, found, policy, cards);
  if (set) return set;
  if (found.model !== null && found.hostPriced) {
    return datedRow(found.card, found.model, occurredAt).tariff;
  }
  return standIn(found, occurredAt, policy, cards);
}

/** Never fast, like the client's own stand-in: fast is a mode of models that we know to have one. */
function standIn(
  found: ResolvedModel,
  occurredAt: EpochMs,
  policy: PricingPolicy,
  cards: RateCards,
): Tariff {
  if (policy.unknownModel !== 'dearest') {
    const named = resolveModel(policy.unknownModel, cards);
    const set = setByPeople(policy.unknownModel, named, policy, cards);
    if (set) return { ...set, fast: null, unknownModel: true };
    if (named.model !== null) return stranger(named.card, named.model, occurredAt);
  }
  if (found.model !== null) return stranger(found.card, found.model, occurredAt);
  return mostExpensive(found.family, occurredAt, cards);
}

function stranger(card: RateCard, model: string, occurredAt: EpochMs): Tariff {
  return { ...datedRow(card, model, occurredAt).tariff, fast: null, unknownModel: true };
}

/** The dearest row of the family, else of all cards; ties go to the newest model. */
function mostExpensive(family: string | null, occurredAt: EpochMs, cards: RateCards): Tariff {
  let best: Tariff | null = null;
  for (const card of cards) {
    for (const model of indexOf(card).keys()) {
      const { row, tariff } = datedRow(card, model, occurredAt);
      if (family !== null && row.family !== family) continue;
      if (best === null || !isMoreExpensive(best.rates, tariff.rates)) best = tariff;
    }
  }
  if (best === null) {
    if (family === null) throw new Error('no rate card has a row');
    return mostExpensive(null, occurredAt, cards);
  }
  return { ...best, fast: null, unknownModel: true };
}

function isMoreExpensive(a: Rates, b: Rates): boolean {
  if (a.output !== b.output) return a.output > b.output;
  if (a.input !== b.input) return a.input > b.input;
  return a.cacheRead > b.cacheRead;
}

function setByPeople(
  spelling: string,
  found: ResolvedModel,
  policy: PricingPolicy,
  cards: RateCards,
): Tariff | null {
  const row = policy.managed ? overrideOf(policy.managed, spelling, found, cards) : null;
  const own = row === null ? overrideOf(policy.overrides, spelling, found, cards) : null;
  const rates = row === null ? own : managedRates(row);
  // Most people have set nothing.
  if (rates === null) return null;
  return {
    pricedAs: found.model ?? spelling,
    rateCard: row === null ? 'override' : 'managed',
    rates,
    fast: own?.fast ?? null,
    longPrompt: null,
    usGeographyTenths: row === null ? found.card.usGeographyTenths : 10,
    webSearchPicoUsd: found.card.webSearchPicoUsd,
    unknownModel: false,
  };
}

const managedRates = ({ input, output, cacheRead, cacheWrite }: ManagedRates): Rates => ({
  input,
  output,
  cacheRead,
  cacheWrite5m: cacheWrite,
  cacheWrite1h: cacheWrite,
});

/**
 * A key that is a provider's own spelling covers every form of that model; any other key, such as a
 * gateway's alias, that id only. Letter case does not matter. The exact id wins.
 * The client's own rule for `modelPricing` (its settings schema, in published copies read 2026-11-21).
 */
function overrideOf<T>(
  table: Readonly<Record<string, T>>,
  spelling: string,
  found: ModelName,
  cards: RateCards,
): T | null {
  let index = overrideIndexes.get(table) as ReadonlyMap<string, T> | undefined;
  if (!index) {
    index = indexOverrides(table, cards);
    overrideIndexes.set(table, index);
  }
  if (index.size === 0) return null;
  const exact = index.get(`=${spelling.toLowerCase()}`);
  if (exact !== undefined) return exact;
  return found.model === null ? null : (index.get(found.model) ?? null);
}

function indexOverrides<T>(table: Readonly<Record<string, T>>, cards: RateCards): Map<string, T> {
  const index = new Map<string, T>();
  for (const [key, value] of Object.entries(table)) {
    index.set(`=${key.toLowerCase()}`, value);
    const { model, card } = resolveModel(key, cards);
    if (model !== null && card.isOfficial(key)) index.set(model, value);
  }
  return index;
}

function identifyIn(spelling: string, cards: RateCards): ResolvedModel {
  let unlisted: ResolvedModel = { model: null, family: null, card: cards[0], hostPriced: false };
  for (const card of cards) {
    const name = card.identify(spelling);
    if (name.model !== null) {
      const priced = indexOf(card).get(name.model)?.[0]?.row.hostPriced ?? false;
      return { ...name, card, hostPriced: priced };
    }
    if (unlisted.family === null && name.family !== null) {
      unlisted = { ...name, card, hostPriced: false };
    }
  }
  return unlisted;
}

function tariffOf(row: RateRow, card: RateCard): Tariff {
  return {
    pricedAs: row.model,
    rateCard: card.id,
    rates: row.rates,
    fast: row.fast,
    longPrompt: row.longPrompt,
    usGeographyTenths: card.usGeographyTenths,
    webSearchPicoUsd: card.webSearchPicoUsd,
    unknownModel: false,
  };
}

function datedRow(card: RateCard, model: string, occurredAt: EpochMs): DatedRow {
  const dated = indexOf(card).get(model) ?? [];
  for (const each of dated) if (occurredAt < each.endAt) return each;
  const last = dated.at(-1);
  if (!last) throw new Error(`rate card ${card.id} names ${model} but has no row for it`);
  return last;
}

// Built on first use, and once: a hook that prices nothing does not pay for it.
function indexOf(card: RateCard): CardIndex {
  const known = indexes.get(card);
  if (known) return known;
  const rowsByModel = new Map<string, DatedRow[]>();
  for (const row of card.rows) {
    const dated = rowsByModel.get(row.model) ?? [];
    dated.push({
      row,
      tariff: tariffOf(row, card),
      endAt: row.to === null ? Number.POSITIVE_INFINITY : Date.parse(row.to),
    });
    rowsByModel.set(row.model, dated);
  }
  indexes.set(card, rowsByModel);
  return rowsByModel;
}
