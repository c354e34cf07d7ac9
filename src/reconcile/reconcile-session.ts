// Holds the ledger against the client's own totals, session by session. Rule: what can be read and settled is
// read and settled first; what still differs then is drift, and is told, never hidden.
import { existsSync } from 'node:fs';
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import { ingestNewLines } from '../ingest/ingest-new-lines.ts';
import { hostTotalOf, settle } from '../ingest/settle.ts';
import type { IngestDeps } from '../ingest/types.ts';
import type { SessionRecord, SessionTotals } from '../stores/store.ts';

/** Something about a session that a person should know. */
export type Finding =
  /** The ledger and the client's total differ. */
  | { readonly code: 'DRIFT'; readonly driftNanoUsd: NanoUsd }
  /** Usage lines alone come to more than the client's total: a price or a line is wrong. */
  | { readonly code: 'METERED_ABOVE_CLIENT'; readonly byNanoUsd: NanoUsd }
  /** The client has told no total yet; what no line shows is missing or estimated. */
  | { readonly code: 'NEVER_SETTLED' }
  | { readonly code: 'NO_TRANSCRIPT'; readonly path: string | null }
  /** The model has no price and was counted at the dearest. */
  | { readonly code: 'UNKNOWN_MODEL'; readonly model: string }
  /** Own prices by model are configured, so the client's total (at list price) says nothing. */
  | { readonly code: 'OWN_PRICES' };

/** One session's money, by how we know it. */
export interface SessionAccount {
  readonly session: SessionRecord;
  readonly totals: SessionTotals;
  /** The client's own total, what was inherited included; `null`: it has told none, or it cannot be compared. */
  readonly hostTotalNanoUsd: NanoUsd | null;
  /** Spent after the client told that total. */
  readonly sinceTotalNanoUsd: NanoUsd;
  /** Ledger (inherited included) − client's total, of what that total covers; `null` without one. */
  readonly driftNanoUsd: NanoUsd | null;
  /** What this reading had to settle; 0 where the ledger was at rest. */
  readonly settledNowNanoUsd: NanoUsd;
  readonly findings: readonly Finding[];
}

/** The ledger and the client agree when they differ by no more than this. */
const DRIFT_TOLERANCE_NANO_USD = 1_000;

/** Brings one session up to date and gives account of it; `null` for one the ledger does not know. */
export function reconcileSession(
  id: SessionId,
  deps: IngestDeps,
  now: EpochMs,
): SessionAccount | null {
  const { store, pricer } = deps;
  return store.immediately(() => {
    const known = store.readSession(id);
    if (known === null) return null;
    ingestNewLines(known, deps, now);
    const before = store.readSettlement(id, Number.POSITIVE_INFINITY).settledNanoUsd;
    settle(id, store, deps, now);
    const session = store.readSession(id) ?? known;
    const totals = store.readSessionTotals(id);
    const sums = store.readSettlement(id, session.hostTotalUntil ?? Number.POSITIVE_INFINITY);
    const hostTotalNanoUsd = hostTotalOf(session, pricer);
    const coveredNanoUsd =
      sums.requestsNanoUsd +
      sums.settledNanoUsd +
      sums.estimatedNanoUsd -
      sums.openEstimatesNanoUsd;
    const driftNanoUsd =
      hostTotalNanoUsd === null
        ? null
        : coveredNanoUsd + session.inheritedNanoUsd - hostTotalNanoUsd;
    return {
      session,
      totals,
      hostTotalNanoUsd,
      sinceTotalNanoUsd: hostTotalNanoUsd === null ? 0 : totals.costNanoUsd - coveredNanoUsd,
      driftNanoUsd,
      settledNowNanoUsd: sums.settledNanoUsd - before,
      findings: findingsOf(session, totals, hostTotalNanoUsd, driftNanoUsd),
    };
  });
}

function findingsOf(
  session: SessionRecord,
  totals: SessionTotals,
  hostTotal: NanoUsd | null,
  drift: NanoUsd | null,
): Finding[] {
  const found: Finding[] = [];
  if (drift !== null && Math.abs(drift) > DRIFT_TOLERANCE_NANO_USD) {
    found.push({ code: 'DRIFT', driftNanoUsd: drift });
  }
  // A cut-off response is an estimate, and may be settled downwards by as much as it was.
  const { settledNanoUsd, estimatedNanoUsd } = totals.provenance;
  const tooMuch = -settledNanoUsd - Math.max(0, estimatedNanoUsd);
  if (hostTotal !== null && tooMuch > DRIFT_TOLERANCE_NANO_USD) {
    found.push({ code: 'METERED_ABOVE_CLIENT', byNanoUsd: tooMuch });
  }
  if (session.hostTotalNanoUsd === null) found.push({ code: 'NEVER_SETTLED' });
  else if (hostTotal === null) found.push({ code: 'OWN_PRICES' });
  if (session.transcriptPath === null || !existsSync(session.transcriptPath)) {
    found.push({ code: 'NO_TRANSCRIPT', path: session.transcriptPath });
  }
  for (const { model, unknownModel } of totals.models) {
    if (unknownModel) found.push({ code: 'UNKNOWN_MODEL', model });
  }
  return found;
}
