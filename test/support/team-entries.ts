// Entries for a team's ledger: only what a test says differs from an ordinary request.
import { type Attribution, NO_ATTRIBUTION } from '../../src/domain/attribution.ts';
import { NO_USAGE, type Usage } from '../../src/domain/usage.ts';
import type { Flushed, TeamEntry, TeamMachineStore } from '../../src/stores/team-store.ts';

export interface TeamEntryWords
  extends Partial<
    Pick<TeamEntry, 'reason' | 'requestCount' | 'provenance' | 'turnId' | 'unknownModelCount'>
  > {
  readonly id: string;
  readonly at?: number;
  readonly session?: string;
  readonly cost?: number;
  readonly usage?: Partial<Usage>;
  readonly labels?: Partial<Attribution>;
}

/** A request of a model that no rate card knows, so that it costs what the test says. */
export const entryOf = (words: TeamEntryWords): TeamEntry => {
  const occurredAt = words.at ?? Date.now();
  const reason = words.reason ?? null;
  return {
    entryId: words.id,
    reason,
    sessionId: words.session ?? 'session-a',
    agentId: null,
    turnId: words.turnId ?? null,
    occurredAt,
    recordedAt: occurredAt,
    usage: { ...NO_USAGE, ...(reason === null ? { outputTokens: 10 } : {}), ...words.usage },
    costNanoUsd: words.cost ?? 1_000_000_000,
    requestCount: words.requestCount ?? (reason === null ? 1 : 0),
    provenance: words.provenance ?? 'metered',
    unknownModelCount: words.unknownModelCount ?? 0,
    isInterrupted: false,
    responseKey: null,
    attribution: { ...NO_ATTRIBUTION, model: 'house-model', ...words.labels },
  };
};

/** Hands them over, with a clock that is right. */
export const flushed = (store: TeamMachineStore, entries: readonly TeamEntry[]): Promise<Flushed> =>
  store.flush(entries, 0);
