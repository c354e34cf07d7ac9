// Records the usage of a request under an id of its own, at a cost that can be right.
import type { RequestFact } from '../agents/agent.ts';
import type { RecordOutcome, UsageEntry } from '../domain/entry.ts';
import { entryId, requestId } from '../domain/ids.ts';
import type { PricedRequest } from '../pricing/price.ts';
import type { RecordingStore } from '../stores/store.ts';

/** Records a request; where another response has its id, under its id and key. */
export function recordUsage(
  told: RequestFact,
  store: RecordingStore,
  entry: UsageEntry,
): { fact: RequestFact; outcome: RecordOutcome } {
  const outcome = store.recordUsage(entry);
  if (outcome !== 'other-response') return { fact: told, outcome };
  const id = requestId(`${told.requestId}~${told.responseKey?.toString(36)}`);
  const fact = { ...told, requestId: id };
  return { fact, outcome: store.recordUsage({ ...entry, requestId: id, entryId: entryId(id) }) };
}

/** A cost that the host wrote is not believed below this share of ours, nor above so many times ours. */
const MIN_COST_RATIO = 0.5;
const MAX_COST_RATIO = 100;

/**
 * Whether a cost that the host wrote itself counts: it does not where it says less, or more, than the tokens can have cost. Of a
 * model without a price only the most is known.
 */
export function isWrittenCostRight(
  { writtenCostNanoUsd: written }: RequestFact,
  { costNanoUsd: ours, unknownModel }: PricedRequest,
): boolean {
  if (written === null) return false;
  if (ours === 0) return true;
  const least = unknownModel ? 1 : ours * MIN_COST_RATIO;
  return written >= least && written <= ours * MAX_COST_RATIO;
}
