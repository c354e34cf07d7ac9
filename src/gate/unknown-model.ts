// Whether a thread asks a model that has no price, where the person wants that to halt.

import type { EpochMs } from '../domain/time.ts';
import { NO_USAGE } from '../domain/usage.ts';
import type { Ingested } from '../ingest/types.ts';
import type { ThreadRecord } from '../stores/store.ts';
import type { GateDeps } from './types.ts';

/** The model without a price, and what it is counted as; `null` when all is well or nobody minds. */
export function unknownModelOf(
  thread: ThreadRecord | null,
  ingested: Ingested,
  { config, pricer }: GateDeps,
  now: EpochMs,
): { readonly model: string; readonly pricedAs: string } | null {
  if (!config.haltOnUnknownModel) return null;
  const met = ingested.unknownModels[0];
  if (met !== undefined || thread === null) return met ?? null;
  const report = {
    usage: NO_USAGE,
    speed: 'standard' as const,
    inferenceGeo: null,
    messageIterations: [],
    advisors: [],
    compactions: [],
  };
  const priced = pricer.price({ model: thread.model, report, paused: [], occurredAt: now });
  return priced.unknownModel ? { model: thread.model, pricedAs: priced.pricedAs } : null;
}
