// The contract of a ledger. Rule: verbs in the words of the domain, no SQL; everything inside
// `immediately` happens at once or not at all, and nobody else writes meanwhile.
import type { Attribution } from '../domain/attribution.ts';
import type { AgentId, BudgetId, SessionId, TurnId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Stage } from '../domain/spend.ts';
import type { EpochMs, Window } from '../domain/time.ts';
import type { Usage } from '../domain/usage.ts';
import type { HaltRecord, Verdict } from '../domain/verdict.ts';
import type { ExchangeOperations } from './exchange.ts';
import type { HoldOperations } from './holding.ts';
import type { LeaseOperations } from './leasing.ts';
import type { NestingOperations } from './nesting.ts';
import type { OutboxOperations } from './outbox.ts';
import type { PlanOperations } from './plan-readings.ts';
import type { BulkOperations, Checkpoint, RecordOperations, SessionRecord } from './recording.ts';
import type { ReportOperations } from './reporting.ts';
import type { ReroutingOperations } from './rerouting.ts';
import type { SealableStore } from './sealing.ts';
import type { RepriceOperations, SettleOperations } from './settling.ts';
import type { StatementOperations } from './statements.ts';
import type { TeamOperations } from './teaming.ts';
import type { UnseenOperations } from './unseen.ts';
import type { WatchOperations } from './watching.ts';

export type { ExchangeLine, Machine } from './exchange.ts';
export type { HeldFile, HoldOperations } from './holding.ts';
export type { Attempt, ChannelHealth, Delivery, Route } from './outbox.ts';
export type { PlanReading, SeenPlanProblem } from './plan-readings.ts';
export type {
  Checkpoint,
  ReadPart,
  RecordingStore,
  SessionRecord,
  ThreadRecord,
} from './recording.ts';
export type { ReportReads } from './reporting.ts';
export type { Rerouting } from './rerouting.ts';
export type { RepriceOperations } from './settling.ts';
export type { IssuedStatement } from './statements.ts';
export type { HeldLease, LeaseAsk, TeamKnowledge, TeamOperations } from './teaming.ts';

/** Which entries a budget counts, for one session at hand. */
export interface Pool {
  /** Names the pool and its window; the same everywhere where the money is the same. */
  readonly key: string;
  readonly window: Window;
  /** Label → value or pattern that an entry must have. */
  readonly labels: Readonly<Partial<Record<keyof Attribution, string>>>;
  /** Sessions that count; `null`: all. */
  readonly sessions: readonly SessionId[] | null;
  /** Names the labels of a place: sessions that began under them count wherever they go on. Absent: there are none. */
  readonly scopeKey?: string;
  /** Turn that counts; `null`: all. */
  readonly turnId: TurnId | null;
  /** Subagent that counts; `null`: all threads. */
  readonly agentId: AgentId | null;
  /** The clock has jumped back before the window: what is new counts into it, whatever its instant. */
  readonly isAhead: boolean;
}

/** A raise that a person gave. */
export interface Grant {
  readonly grantId: string;
  readonly budgetId: BudgetId;
  /** The pool it is for; see `Pool.key`. */
  readonly poolKey: string;
  readonly amountNanoUsd: NanoUsd;
  readonly reason: string | null;
  readonly author: string;
  readonly grantedAt: EpochMs;
  /** `null`: until the window ends. */
  readonly expiresAt: EpochMs | null;
}

/** Money held for a request under way. */
export interface Reservation {
  readonly sessionId: SessionId;
  readonly agentId: AgentId | null;
  readonly attribution: Attribution;
  readonly turnId: TurnId | null;
  readonly amountNanoUsd: NanoUsd;
  readonly madeAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/** Posted and held money of a pool. */
export interface PoolSpend {
  readonly postedNanoUsd: NanoUsd;
  /** Held by threads other than `except`. */
  readonly reservedNanoUsd: NanoUsd;
  /** How many other threads hold something. */
  readonly reservedCount: number;
  /** What people have added to it and has not run out. */
  readonly grantedNanoUsd: NanoUsd;
  /** Stages of it that were announced. */
  readonly announced: readonly Stage[];
}

/** Totals of one session. */
export interface SessionTotals {
  readonly requestCount: number;
  readonly costNanoUsd: NanoUsd;
  readonly usage: Usage;
  readonly provenance: {
    readonly meteredNanoUsd: NanoUsd;
    readonly settledNanoUsd: NanoUsd;
    readonly estimatedNanoUsd: NanoUsd;
  };
  readonly models: readonly {
    readonly model: string;
    readonly requestCount: number;
    readonly costNanoUsd: NanoUsd;
    readonly unknownModel: boolean;
  }[];
}

/** Log-bucketed counts of tokens, by bucket number; see `domain/output-history.ts`. */
export type BucketCounts = ReadonlyMap<number, number>;

/** A line of the decision log. */
export interface DecisionRecord {
  readonly at: EpochMs;
  readonly sessionId: SessionId;
  readonly moment: string;
  readonly verdict: Verdict;
}

/** A ledger. */
export interface Store
  extends ReportOperations,
    BulkOperations,
    RecordOperations,
    GateOperations,
    SettleOperations,
    RepriceOperations,
    OutboxOperations,
    HoldOperations,
    NestingOperations,
    UnseenOperations,
    WatchOperations,
    ReroutingOperations,
    LeaseOperations,
    PlanOperations,
    StatementOperations,
    ExchangeOperations,
    TeamOperations,
    SealableStore {
  /** Runs `work` alone; when it throws, nothing of it remains. */
  readonly immediately: <T>(work: () => T) => T;
  readonly close: () => void;
  /** For a process that ends now: leaves the file open where closing would make others wait, unless its log has grown. */
  readonly closeAtExit: () => void;
  /** A number that is another one once anybody else has written to the ledger; costs microseconds. */
  readonly readVersion: () => number;

  /** A repository's name in the letter case in which sessions were recorded under it first; the given one when it is new. */
  readonly readSpelling: (repository: string) => string;
  /** All of them, by path. */
  readonly readCheckpoints: () => ReadonlyMap<string, Checkpoint>;

  /** Tokens that the main loop's model can be given, as Claude Code said last; `null`: it has not. */
  readonly readContextWindow: (id: SessionId) => number | null;
  readonly noteContextWindow: (id: SessionId, tokens: number) => void;
  /** Newest first. */
  readonly readSessions: (filter: {
    readonly sinceAt?: EpochMs;
    readonly limit?: number;
  }) => readonly SessionRecord[];
  readonly readSessionTotals: (id: SessionId) => SessionTotals;

  readonly readPoolSpend: (
    pool: Pool,
    except: { readonly sessionId: SessionId; readonly agentId: AgentId | null },
    now: EpochMs,
  ) => PoolSpend;
  readonly reserve: (reservation: Reservation) => void;
  /** Lets go of what a thread holds; nothing happens when it holds nothing. */
  readonly release: (sessionId: SessionId, agentId: AgentId | null) => void;
  /** Lets go of everything a session holds. */
  readonly releaseSession: (sessionId: SessionId) => void;
  /** What this thread itself holds, 0 when nothing. */
  readonly readReserved: (sessionId: SessionId, agentId: AgentId | null, now: EpochMs) => NanoUsd;

  readonly addGrant: (grant: Grant) => void;
  readonly readGrants: (poolKey: string, now: EpochMs) => readonly Grant[];
  /** Grants of all budgets from then on, those that have ended too, oldest first. */
  readonly readGrantsSince: (at: EpochMs) => readonly Grant[];

  readonly readHalt: (id: SessionId) => HaltRecord | null;
  readonly writeHalt: (haltRecord: HaltRecord) => void;
  readonly releaseHalt: (id: SessionId, at: EpochMs) => void;

  /** True for exactly one caller, ever: who may announce this stage of this pool. */
  readonly announce: (poolKey: string, stage: Stage, at: EpochMs) => boolean;
  readonly readAnnounced: (poolKey: string) => readonly Stage[];
  readonly recordDecision: (decision: DecisionRecord) => void;

  /** The windows a calendar period was found to be in that are not over, the oldest first: one, unless the clock has jumped. */
  readonly readWindows: (
    periodKey: string,
    now: EpochMs,
  ) => readonly (Window & { readonly label: string })[];
  readonly writeWindow: (periodKey: string, window: Window & { label: string }) => void;

  /** Output tokens, by owner: `session:…`, `model:…`, `machine`, `new:…` (tokens newly sent). */
  readonly readTokenHistogram: (owner: string) => BucketCounts;
}

// ── Requests in flight, sessions that go on from one another, and what subagents have cost (src/gate) ──

/** A session that goes on where another one stopped. */
export interface SessionLink {
  readonly sessionId: SessionId;
  readonly previousId: SessionId;
  /** `clear`: the person emptied the context; `run`: another try under the same `tollgate run`. */
  readonly reason: 'clear' | 'run';
}

/** What a thread has cost: the first request alone, and all of them. */
export interface ThreadCost {
  readonly firstNanoUsd: NanoUsd;
  readonly totalNanoUsd: NanoUsd;
}

export interface GateOperations {
  /** Lets go of what a session's threads hold for requests whose responses the ledger has by now. */
  readonly settleReservations: (id: SessionId) => void;
  /** Keeps what a thread holds for a response whose line is late beside what it will hold next. */
  readonly setAside: (id: SessionId, agentId: AgentId | null, expiresAt: EpochMs) => void;
  /** Has everything that a thread holds expire at an instant, unless it does so earlier. */
  readonly endReservation: (id: SessionId, agentId: AgentId | null, expiresAt: EpochMs) => void;
  /** Gives what was held for a spawn to the subagent that begins; false when nothing was held. */
  readonly handOverSpawn: (id: SessionId, to: AgentId, at: EpochMs) => boolean;

  readonly linkSession: (link: SessionLink) => void;
  /** The link that leads on from a session to the one before it; `null` for a first one. */
  readonly readLink: (id: SessionId) => SessionLink | null;
  /** Notes that a session belongs to a `tollgate run`. */
  readonly joinRun: (runId: string, id: SessionId, at: EpochMs) => void;
  /** Sessions of a run, oldest first. */
  readonly readRun: (runId: string) => readonly SessionId[];

  /** What main loops have cost in the newest sessions, of one repository or (`null`) of any. */
  readonly readSessionStarts: (repository: string | null, limit: number) => readonly ThreadCost[];
  /** The newest session that has made a request, of one repository or (`null`) of any. */
  readonly readNewestSession: (repository: string | null) => SessionId | null;
  /** What the newest subagents of a kind have cost, of one repository or (`null`) of any. */
  readonly readSubagentCosts: (
    agentType: string,
    repository: string | null,
    limit: number,
  ) => readonly ThreadCost[];
  /** What the subagents of one turn have spent, and how many threads of the session hold something for one. */
  readonly readFanOut: (
    id: SessionId,
    turnId: TurnId | null,
    now: EpochMs,
  ) => { readonly spentNanoUsd: NanoUsd; readonly underWayCount: number };
  /** Forgets that a stage was announced: a moving window has left it behind. */
  readonly withdraw: (poolKey: string, stage: Stage) => void;
}
