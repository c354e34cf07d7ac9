// The list of rate cards. Rule: to add a provider, add its folder and one line here.
import type { EpochMs } from '../domain/time.ts';
import { anthropic } from './anthropic/anthropic.ts';
import type { RateCards, RateRow } from './rate-card.ts';

export const RATE_CARDS: RateCards = [anthropic];

const isInForce = ({ from, to }: RateRow, at: EpochMs): boolean =>
  (from === null || Date.parse(from) <= at) && (to === null || Date.parse(to) > at);

const rowsInForce = (at: EpochMs): readonly RateRow[] =>
  RATE_CARDS.flatMap(({ rows }) => rows.filter((row) => isInForce(row, at)));

/** Models that have a price at an instant. */
export const modelsInForce = (at: EpochMs): string[] => [
  ...new Set(rowsInForce(at).map(({ model }) => model)),
];

/** Of each family the newest model that has a price at an instant. */
export const newestModels = (at: EpochMs): string[] => [
  ...new Map(rowsInForce(at).map(({ family, model }) => [family, model])).values(),
];

/** The family of a model, by any spelling of it; `null`: not known. */
export const familyOf = (spelling: string): string | null =>
  RATE_CARDS.map((card) => card.identify(spelling).family).find((family) => family !== null) ??
  null;
