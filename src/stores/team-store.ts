// The contract of a team's ledger: what a machine, a developer and a manager ask of it. Rule: every question may be asked again with the same
// outcome, since answers get lost; amounts are nano-dollars, instants epoch milliseconds.
import type { Attribution } from '../domain/attribution.ts';
import type { Mode } from '../domain/budget.ts';
import type { Provenance } from '../domain/entry.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { OfflineMode } from '../domain/team-share.ts';
import type { EpochMs, Window } from '../domain/time.ts';
import type { Usage } from '../domain/usage.ts';
import type { ReportReads } from './reporting.ts';

/** Where a team's database is, and who asks. */
export interface TeamAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** `off`: not encrypted, by a person's own word. */
  readonly tls: 'verify' | 'off';
  /** A file with the authority that has signed the server's certificate; `null`: those of the system. */
  readonly caFile: string | null;
}

/** A line of a machine's ledger as the team gets it. */
export interface TeamEntry {
  readonly entryId: string;
  /** Of a correction; `null`: a request. */
  readonly reason: string | null;
  readonly sessionId: string;
  readonly agentId: string | null;
  readonly turnId: string | null;
  readonly occurredAt: EpochMs;
  readonly recordedAt: EpochMs;
  readonly usage: Usage;
  readonly costNanoUsd: NanoUsd;
  /** 1 for a request, 0 for money without one, −1 where one is moved to other labels. */
  readonly requestCount: number;
  readonly provenance: Provenance;
  readonly unknownModelCount: number;
  readonly isInterrupted: boolean;
  readonly responseKey: number | null;
  readonly attribution: Attribution;
}

/** What became of entries that were handed over. */
export interface Flushed {
  readonly addedCount: number;
  /** Money without a request, of a session that another machine has told of first. */
  readonly skippedCount: number;
  /** Lines whose cost is another one by the team's rate card. */
  readonly flaggedCount: number;
  readonly addedNanoUsd: NanoUsd;
}

export type TeamPeriod = 'day' | 'week' | 'month' | 'session' | 'forever';

/** A ceiling of the team. */
export interface TeamBudget {
  readonly id: string;
  /** Label → pattern. */
  readonly where: Readonly<Record<string, string>>;
  readonly per: readonly string[];
  readonly period: TeamPeriod;
  readonly softNanoUsd: NanoUsd | null;
  readonly hardNanoUsd: NanoUsd | null;
  readonly mode: Mode;
}

export type KillKind = 'all' | 'developer' | 'repository';

/** Spending that a manager has stopped. */
export interface TeamKill {
  readonly kind: KillKind;
  /** Pattern of the label; `*` for all. */
  readonly value: string;
  readonly reason: string | null;
  readonly author: string;
  readonly at: EpochMs;
}

/** What a machine has to know between two questions. */
export interface TeamState {
  /** The server's clock. */
  readonly now: EpochMs;
  readonly developer: string;
  readonly role: string;
  readonly kind: MemberKind;
  readonly team: {
    readonly name: string;
    readonly timeZone: string;
    readonly offline: OfflineMode;
    /** Entries of earlier days are not taken in. */
    readonly keptFromAt: EpochMs;
  };
  readonly budgets: readonly TeamBudget[];
  readonly kills: readonly TeamKill[];
  readonly leases: readonly TeamPoolState[];
}

/** A pool that this machine holds something of. */
export interface TeamPoolState {
  readonly poolKey: string;
  readonly outstandingNanoUsd: NanoUsd;
  readonly ceilingNanoUsd: NanoUsd;
  readonly committedNanoUsd: NanoUsd;
}

export interface LeaseQuestion {
  readonly budgetId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly sessionId: string;
  readonly wantNanoUsd: NanoUsd;
  /** Less is of no use. */
  readonly needNanoUsd: NanoUsd;
  /** The last renewal this machine knows of, and the pool that it is of; `null` before the first. */
  readonly known: { readonly poolKey: string; readonly renewal: number } | null;
  /** Names the question: asked again, it has the same answer. */
  readonly askId: string;
  /** When it is sent, on the team's clock: what comes in the next window was not meant for it. */
  readonly sentAt: EpochMs;
}

/** `held-elsewhere`: a copy of this machine has renewed the lease. `late`: the window is another one by now. */
export type LeaseAnswer =
  | { readonly state: 'late' }
  | { readonly state: 'no-budget' }
  | { readonly state: 'held-elsewhere'; readonly poolKey: string }
  | ({ readonly state: 'granted' | 'refused' } & TeamLease);

export interface TeamLease {
  readonly poolKey: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  /** What this machine may still spend. */
  readonly outstandingNanoUsd: NanoUsd;
  /** What this machine has spent of the pool, as far as the team knows. */
  readonly spentNanoUsd: NanoUsd;
  readonly renewal: number;
  /** On the server's clock. */
  readonly expiresAt: EpochMs;
  readonly ceilingNanoUsd: NanoUsd;
  readonly committedNanoUsd: NanoUsd;
  readonly now: EpochMs;
}

export type MemberKind = 'manager' | 'developer';

/** A machine of the team. */
export interface TeamMember {
  readonly role: string;
  readonly kind: MemberKind;
  readonly developer: string;
  readonly machine: string | null;
  readonly state: 'invited' | 'joined' | 'left' | 'revoked';
  readonly seenAt: EpochMs | null;
  readonly heldNanoUsd: NanoUsd;
}

/** A pool as managers see it. */
export interface TeamPool {
  readonly poolKey: string;
  readonly budgetId: string;
  readonly window: Window;
  /** With what was granted; `null`: the budget has no hard limit, or is gone. */
  readonly ceilingNanoUsd: NanoUsd | null;
  readonly grantedNanoUsd: NanoUsd;
  readonly spentNanoUsd: NanoUsd;
  readonly heldNanoUsd: NanoUsd;
}

/** A raise that a manager gave. */
export interface TeamGrant {
  readonly poolKey: string;
  readonly amountNanoUsd: NanoUsd;
  readonly reason: string | null;
  readonly author: string;
  readonly at: EpochMs;
}

/** All that whoever asks may see. */
export interface TeamTotals {
  readonly requestCount: number;
  readonly costNanoUsd: NanoUsd;
  readonly flaggedCount: number;
}

/** What a machine asks; it fails with `TollgateError` `TEAM_UNREACHABLE` (may be asked again), `TEAM_SHUT_OUT`, `TEAM_REFUSED` or `TEAM_OUTDATED`. */
export interface TeamMachineStore {
  readonly flush: (entries: readonly TeamEntry[], offsetMs: number) => Promise<Flushed>;
  readonly takeLease: (question: LeaseQuestion) => Promise<LeaseAnswer>;
  /** What went back; `null`: the renewal is not the last one. */
  readonly settleLease: (poolKey: string, renewal: number) => Promise<NanoUsd | null>;
  readonly pullState: () => Promise<TeamState>;
}

/** A team's ledger, for the rights of whoever has connected. */
export interface TeamStore extends TeamMachineStore, ReportReads {
  /** Takes an invitation; from then on the password is the one that belongs to the verifier. */
  readonly join: (verifier: string, machine: string) => Promise<void>;
  /** What leases still carried goes back. */
  readonly leave: () => Promise<NanoUsd>;
  /** The role that was made. */
  readonly invite: (invitation: {
    readonly kind: MemberKind;
    readonly developer: string;
    readonly verifier: string;
    readonly expiresAt: EpochMs;
  }) => Promise<string>;
  readonly revoke: (role: string) => Promise<void>;
  readonly reclaim: (role: string) => Promise<NanoUsd>;
  readonly setBudget: (budget: TeamBudget) => Promise<void>;
  readonly removeBudget: (id: string) => Promise<boolean>;
  readonly grant: (grant: {
    readonly budgetId: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly sessionId: string;
    readonly amountNanoUsd: NanoUsd;
    readonly reason: string | null;
  }) => Promise<string>;
  readonly kill: (kind: KillKind, value: string, reason: string | null) => Promise<void>;
  readonly liftKill: (kind: KillKind, value: string) => Promise<boolean>;
  readonly setOffline: (mode: OfflineMode) => Promise<void>;
  /** Removes entries of the days before `day` (`2026-01-31`), UTC; sums stay. Answers how many there were. */
  readonly prune: (day: string) => Promise<number>;
  readonly readMembers: () => Promise<readonly TeamMember[]>;
  /** Windows that are open, those with the least left first. */
  readonly readPools: (limit: number) => Promise<readonly TeamPool[]>;
  /** Newest first; none for those who may not read them. */
  readonly readGrants: (sinceAt: EpochMs) => Promise<readonly TeamGrant[]>;
  readonly readTotals: () => Promise<TeamTotals>;
  readonly close: () => Promise<void>;
}
