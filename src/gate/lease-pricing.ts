// What recording with a pass goes by: everything that is the same for all requests of its model in its folder. Rule: where
// one formula does not hold for all of them while the pass lasts, there are no grounds, and so no pass.
import type { Place } from '../attribution/source.ts';
import { ATTRIBUTION_KEYS } from '../domain/attribution.ts';
import type { Pass } from '../domain/decision-lease.ts';
import { DAY_MS, MINUTE_MS, type Window } from '../domain/time.ts';
import { type LabelRules, requestLabels } from '../ingest/attribution-labels.ts';
import { type PricingPolicy, UNSCALED_PPM } from '../pricing/price.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { Rates } from '../pricing/rate-card.ts';

export interface PassGrounds {
  readonly place: Place;
  /** Of every request of the pass's model, in the order of `ATTRIBUTION_KEYS`; without its tool and its skill. */
  readonly labels: readonly (string | null)[];
  /** What the pass's model costs in a span of time that is longer than the pass lasts. */
  readonly rates: Rates;
  readonly span: Window;
  /** Longer prompts have other prices; `null`: none have. */
  readonly longPromptTokens: number | null;
}

/** Lines may be told some time after they were written, and clocks differ. */
const TOLD_LATE_MS = DAY_MS;
const CLOCKS_DIFFER_MS = MINUTE_MS;

interface GroundsDeps {
  readonly place: Place;
  readonly labels: LabelRules;
  readonly pricing: PricingPolicy;
  readonly pricer: Pick<Pricer, 'tariff'>;
}

/** `null` where prices are scaled, change meanwhile, or are not known. */
export function groundsOf(
  { model, madeAt, until }: Pass,
  { place, labels, pricing, pricer }: GroundsDeps,
): PassGrounds | null {
  const span = { startAt: madeAt - TOLD_LATE_MS, endAt: until + CLOCKS_DIFFER_MS };
  const tariff = pricer.tariff(model, span.startAt);
  const last = pricer.tariff(model, span.endAt);
  const isSteady = tariff === last || JSON.stringify(tariff) === JSON.stringify(last);
  if (!isSteady || tariff.unknownModel || pricing.multiplierPpm !== UNSCALED_PPM) return null;
  const attribution = requestLabels(labels, null)(place, place.branch, { model, toolNames: [] });
  return {
    ...{ place, span, rates: tariff.rates },
    labels: ATTRIBUTION_KEYS.map((key) => attribution[key]),
    longPromptTokens: tariff.longPrompt?.aboveTokens ?? null,
  };
}
