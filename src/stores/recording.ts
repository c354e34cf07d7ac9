// The part of a ledger's contract that recording needs: what writes down and settles what a transcript tells
// (src/ingest/record-fact.ts, src/ingest/settle.ts), one by one or many at once.
import type { ScanCarry } from '../agents/agent.ts';
import type { CorrectionEntry, RecordOutcome, UsageEntry } from '../domain/entry.ts';
import type { AgentId, SessionId, TurnId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { SettleOperations } from './settling.ts';

/** What the beginning of a file said, all of it. */
export interface ReadPart {
  readonly inode: number;
  /** First byte that is not part of it. */
  readonly through: number;
  readonly hash: string;
  /** When the file had been changed last, in ms. */
  readonly changedAt: number;
}

/** How far a transcript file has been read. */
export interface Checkpoint {
  readonly path: string;
  /** The file's identity; another inode under the same path is another file. */
  readonly inode: number;
  /** First byte not read yet. */
  readonly offset: number;
  /** Tells whether the file was rewritten: what stands before `offset`; `null`: an older version did not look. */
  readonly before: string | null;
  /** When the file had been changed last, in ms; `null`: as above. */
  readonly writtenAt: number | null;
  /** What was read, as it was looked at last; absent: nobody has looked. */
  readonly read?: ReadPart | undefined;
  readonly carry: ScanCarry;
}

/** What the ledger knows of a session beside its entries. */
export interface SessionRecord {
  readonly sessionId: SessionId;
  readonly transcriptPath: string | null;
  readonly cwd: string | null;
  readonly startedAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly developer: string | null;
  /** The session this one was forked from. */
  readonly parentSessionId: SessionId | null;
  /** When its own requests began; entries of the parent before that are inherited. */
  readonly forkedAt: EpochMs | null;
  readonly inheritedNanoUsd: NanoUsd;
  /** The client's own total (what was inherited included); `null` when it has told none yet. */
  readonly hostTotalNanoUsd: NanoUsd | null;
  /** Entries before this instant are in that total; `null`: all entries so far are. */
  readonly hostTotalUntil: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** The client's process, while it is known; tells an agent's shell from a person's. */
  readonly hostPid: number | null;
}

/** What is known of a line of thought: the main loop, or one subagent. */
export interface ThreadRecord {
  readonly sessionId: SessionId;
  readonly agentId: AgentId | null;
  readonly agentType: string | null;
  readonly model: string;
  /** Tokens of context that the last request left in the cache. */
  readonly contextTokens: number;
  /** What the last response wrote: the next request sends it for the first time. */
  readonly lastOutputTokens: number;
  readonly cacheLifetime: '5m' | '1h';
  readonly lastRequestAt: EpochMs;
  readonly lastRequestId: string;
  readonly turnId: TurnId | null;
  /** Tools that the last response asked for. */
  readonly toolUseIds: readonly string[];
}

/** Writes down what a transcript tells, and reads what that needs. */
export interface RecordOperations {
  readonly readCheckpoint: (path: string) => Checkpoint | null;
  readonly writeCheckpoint: (checkpoint: Checkpoint) => void;

  readonly recordUsage: (entry: UsageEntry) => RecordOutcome;
  /** Writes a line for money that no usage line shows; `duplicate` when its id is known. */
  readonly recordCorrection: (entry: CorrectionEntry) => RecordOutcome;
  /** The session a request was recorded for; `null` when it is not known. */
  readonly readOwner: (requestId: string) => SessionId | null;
  /** Everything a session has spent before an instant, as entries tell it. */
  readonly readCostBefore: (id: SessionId, beforeAt: EpochMs) => NanoUsd;

  readonly readSession: (id: SessionId) => SessionRecord | null;
  readonly writeSession: (session: SessionRecord) => void;
  readonly readThread: (id: SessionId, agentId: AgentId | null) => ThreadRecord | null;
  readonly writeThread: (thread: ThreadRecord) => void;
  readonly addToTokenHistogram: (owner: string, bucket: number, count: number) => void;
}

/** What recording and settling one by one need. */
export type RecordingStore = RecordOperations & Omit<SettleOperations, 'readSettlement'>;

/** Many entries at once (src/ingest/sync). */
export interface BulkOperations {
  /**
   * Inside a transaction: `work` gets a ledger that gathers what many entries change and writes it together at
   * the end. The result is the same to the last column.
   */
  readonly batched: <T>(work: (ledger: RecordingStore) => T) => T;
  /** `batched` in a transaction of its own, for hundreds of entries; keep each short, since hooks wait meanwhile. */
  readonly bulk: <T>(work: (ledger: RecordingStore) => T) => T;
  /** Whether the ledger is still of the version it was opened with; another program may have upgraded it. */
  readonly isCurrent: () => boolean;
  /** Everything in the ledger, added up. */
  readonly readLedgerTotals: () => { readonly requestCount: number; readonly costNanoUsd: NanoUsd };
}
