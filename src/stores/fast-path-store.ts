// The part of a ledger's contract that giving a pass and using one need (src/gate/pass.ts): what was recorded after a
// moment, whoever did it, and the recording of responses about which everything is plain.
import type { LedgerEnd, PlainResponse, Since } from '../domain/decision-lease.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Checkpoint, SessionRecord, Store, ThreadRecord } from './store.ts';

/** What giving a pass needs. */
export interface LeaseOperations {
  /** The newest entry; `null` in an empty ledger. */
  readonly readEnd: () => LedgerEnd | null;
}

/** How a session's main loop stands. */
export interface PlainStanding {
  readonly sessionKey: number;
  readonly session: Pick<
    SessionRecord,
    'startedAt' | 'lastSeenAt' | 'repository' | 'branch' | 'hostPid' | 'inheritedNanoUsd'
  >;
  readonly thread: ThreadRecord;
  readonly checkpoint: Omit<Checkpoint, 'path'>;
  /** Nothing about the session is to be settled: it is no fork, and its client has told no total. */
  readonly isPlain: boolean;
  /** The session, or one of those it goes on from, was halted. */
  readonly isHalted: boolean;
}

/** A response as it is recorded. */
export interface PlainEntry extends PlainResponse {
  readonly costNanoUsd: number;
  /** In the order of `ATTRIBUTION_KEYS`. */
  readonly labels: readonly (string | null)[];
}

/** What one event brings. */
export interface PlainEvent {
  readonly sessionKey: number;
  readonly transcriptPath: string;
  readonly cwd: string;
  readonly turnId: string | null;
  readonly entries: readonly PlainEntry[];
  /** As it stands after these. */
  readonly thread: ThreadRecord;
  readonly session: Pick<
    SessionRecord,
    'startedAt' | 'lastSeenAt' | 'repository' | 'branch' | 'developer' | 'hostPid'
  >;
  /** Where the next reader goes on. */
  readonly offset: number;
  readonly now: EpochMs;
}

/** What using a pass needs. */
export interface PlainStore extends Pick<Store, 'readTokenHistogram' | 'addToTokenHistogram'> {
  /** `null` where the ledger does not know the session, its main loop, or its transcript. */
  readonly readStanding: (
    sessionId: string,
    transcriptPath: string,
    chain: readonly string[],
  ) => PlainStanding | null;
  /** False, with part of it written, where a response or its labels are not what they should be. */
  readonly recordPlain: (event: PlainEvent) => boolean;
  /**
   * What came after an entry, and what is held now. `null`: that entry is not where it was, so this is another ledger, or
   * so much came after it that adding it up would take longer than asking the gate.
   */
  readonly readSince: (end: LedgerEnd, now: EpochMs) => Since | null;
}
