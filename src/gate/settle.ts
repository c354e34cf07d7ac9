// Settles a session with the agent's own total: what no transcript line shows becomes an entry of its
// own. Rule: the result depends on what was read, never on the order in which it was read.
import { NO_ATTRIBUTION } from '../domain/attribution.ts';
import { entryId, type SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import { NO_USAGE } from '../domain/usage.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { SessionRecord, Store } from '../stores/store.ts';

/** The agent reckons in doubles; what differs by less than half a micro-dollar is not money. */
const NOISE_NANO_USD = 500;
const PPM = 1_000_000;

/** Brings a session's entries to the agent's own total. Call inside `store.immediately`. */
export function settle(
  id: SessionId,
  store: Store,
  pricer: Pick<Pricer, 'clientDollarPpm'>,
  now: EpochMs,
): void {
  const known = store.readSession(id);
  if (!known) return;
  const session = withInheritance(known, store);
  const total = clientTotalOf(session, pricer);
  if (total === null) return;

  const sums = store.readSettlement(id, session.clientTotalUntil ?? Number.POSITIVE_INFINITY);
  const hidden = total - session.inheritedNanoUsd - sums.requestsNanoUsd;
  const write = (reason: string, provenance: 'client-settled' | 'estimated', cost: NanoUsd) => {
    if (Math.abs(cost) < NOISE_NANO_USD) return;
    store.recordCorrection({
      kind: 'correction',
      reason,
      entryId: entryId(`${reason}:${id}:${now}:${total}:${sums.requestsNanoUsd}`),
      sessionId: id,
      agentId: null,
      turnId: null,
      // Just before whatever the session did next, so that the total's own window holds it.
      occurredAt: Math.min(
        session.lastSeenAt,
        (session.clientTotalUntil ?? session.lastSeenAt + 1) - 1,
      ),
      recordedAt: now,
      usage: NO_USAGE,
      costNanoUsd: cost,
      provenance,
      attribution: {
        ...NO_ATTRIBUTION,
        repository: session.repository,
        branch: session.branch,
        developer: session.developer,
      },
    });
  };
  write('settled', 'client-settled', hidden - sums.settledNanoUsd);
  write('estimate-settled', 'estimated', sums.openEstimatesNanoUsd - sums.estimatedNanoUsd);
}

/** The agent's total in this person's dollars; `null` when there is none to settle with. */
export function clientTotalOf(
  session: SessionRecord,
  pricer: Pick<Pricer, 'clientDollarPpm'>,
): NanoUsd | null {
  const { clientTotalNanoUsd } = session;
  if (clientTotalNanoUsd === null || pricer.clientDollarPpm === null) return null;
  if (pricer.clientDollarPpm === PPM) return clientTotalNanoUsd;
  return Number((BigInt(clientTotalNanoUsd) * BigInt(pricer.clientDollarPpm)) / BigInt(PPM));
}

/** A fork begins with all its parent had spent until then, what the parent inherited included. */
function withInheritance(session: SessionRecord, store: Store): SessionRecord {
  if (session.parentSessionId === null) return session;
  const parent = store.readSession(session.parentSessionId);
  if (!parent) return session;
  const before = session.forkedAt ?? Number.POSITIVE_INFINITY;
  const inheritedNanoUsd =
    parent.inheritedNanoUsd + store.readCostBefore(session.parentSessionId, before);
  if (inheritedNanoUsd === session.inheritedNanoUsd) return session;
  const next = { ...session, inheritedNanoUsd };
  store.writeSession(next);
  return next;
}
