// Prices requests anew whose model had no price when they were recorded. Rule: each once, when a price is known for its model
// for the first time; what was priced stays as it is, whatever prices do later.
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Pricer } from '../pricing/pricer.ts';
import { plainReport } from '../pricing/usage-report.ts';
import type { RepriceOperations } from '../stores/store.ts';

/** What pricing anew changed. */
export interface Repriced {
  readonly requestCount: number;
  readonly beforeNanoUsd: NanoUsd;
  readonly afterNanoUsd: NanoUsd;
  /** Sessions whose settlement may come out differently now, with the folders they worked in. */
  readonly sessions: ReadonlyMap<SessionId, string | null>;
}

/** No card has it: it is priced as every unknown model is. */
const UNHEARD_OF = 'unheard-of';

/**
 * Of one session, or (`null`) of all. Speed and geography of a request are not kept, so that it is priced at standard speed. Call
 * inside `store.immediately`.
 */
export function repriceRequests(
  id: SessionId | null,
  store: RepriceOperations,
  pricerIn: (cwd: string | null) => Pick<Pricer, 'price' | 'tariff'>,
  now: EpochMs,
): Repriced {
  const sessions = new Map<SessionId, string | null>();
  const sums = { requestCount: 0, beforeNanoUsd: 0, afterNanoUsd: 0 };
  for (const request of store.readUnpriced(id)) {
    const { model, usage, occurredAt } = request;
    const report = plainReport(usage);
    const pricer = pricerIn(request.cwd);
    const costAs = (name: string) =>
      pricer.price({ model: name, report, paused: [], occurredAt }).costNanoUsd;
    const { unknownModel, rateCard } = pricer.tariff(model, occurredAt);
    if (unknownModel) continue;
    // A card of ours had the price all along: unknown was the model of an advisor, whose usage is not kept.
    const isSetByPeople = rateCard === 'override' || rateCard === 'managed';
    if (!isSetByPeople && request.costNanoUsd !== costAs(UNHEARD_OF)) continue;
    const costNanoUsd = costAs(model);
    store.reprice(request, costNanoUsd, now);
    sessions.set(request.sessionId, request.cwd);
    sums.requestCount += 1;
    sums.beforeNanoUsd += request.costNanoUsd;
    sums.afterNanoUsd += costNanoUsd;
  }
  return { ...sums, sessions };
}
