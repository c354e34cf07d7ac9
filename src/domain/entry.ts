// The lines of the ledger. Rule: a line never changes; what was wrong is mended by another line.
import type { Attribution } from './attribution.ts';
import type { AgentId, EntryId, RequestId, SessionId, TurnId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import type { EpochMs } from './time.ts';
import type { Usage } from './usage.ts';

/** How we know a dollar: read off a usage line, off the agent's own total, or worked out. */
export type Provenance = 'metered' | 'client-settled' | 'estimated';

/** What was unusual about a line; several can hold at once. */
export interface EntryFlags {
  /** The model has no price; the dearest row of its family (else of the card) was taken. */
  readonly unknownModel: boolean;
  /** The response was cut off; its output is an estimate. */
  readonly interrupted: boolean;
}

interface EntryBase {
  readonly entryId: EntryId;
  readonly sessionId: SessionId;
  /** The subagent that spent it; `null` is the main loop. */
  readonly agentId: AgentId | null;
  readonly turnId: TurnId | null;
  /** The agent's clock. */
  readonly occurredAt: EpochMs;
  /** Our clock. */
  readonly recordedAt: EpochMs;
  readonly costNanoUsd: NanoUsd;
  readonly provenance: Provenance;
  readonly attribution: Attribution;
}

/** One request to a model. */
export interface UsageEntry extends EntryBase {
  readonly kind: 'usage';
  readonly requestId: RequestId;
  /** Tells responses apart that share a `requestId`; `null`: it may be any of them. */
  readonly responseKey: number | null;
  readonly usage: Usage;
  readonly flags: EntryFlags;
}

/** Money that no usage line shows: a settlement with the agent's own total, or an estimate of one. */
export interface CorrectionEntry extends EntryBase {
  readonly kind: 'correction';
  /** Why it was written: `settled`, `compaction`, `web-search`, `estimate-settled`, `relabelled`, `repriced`. */
  readonly reason: string;
  readonly usage: Usage;
}

export type Entry = UsageEntry | CorrectionEntry;

/**
 * What became of an entry offered to the ledger.
 * `grown`: the request was known with less output, and a correction for the difference was written.
 * `other-response`: nothing was written, since the id belongs to a response with another key.
 */
export type RecordOutcome = 'recorded' | 'duplicate' | 'grown' | 'other-response';
