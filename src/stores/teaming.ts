// The part of a machine's ledger that its team needs: what is to be sent, what the team has said, and the leases that this machine holds. Rule: hooks read
// and ask here alone; only the team's worker talks to the team. Call what writes inside `immediately`.
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { TeamEntry, TeamState } from './team-store.ts';

/** What a machine knows of its team. */
export interface TeamKnowledge {
  /** As the team said it last; `null`: it has said nothing yet. */
  readonly state: TeamState | null;
  readonly pulledAt: EpochMs;
  /** How far the team's clock is ahead of this machine's. */
  readonly offsetMs: number;
  /** Entries up to here were sent. */
  readonly throughSeq: number;
  /** `offsetMs` when those after them were sent, which the team has not answered yet; `null`: none were. */
  readonly sendingOffsetMs: number | null;
  /** Since when the team cannot be reached; `null`: it can, as far as is known. */
  readonly unreachableSince: EpochMs | null;
  /** Why this machine may spend nothing more; `null`: nobody has said so. */
  readonly refusal: string | null;
  /** Until when somebody looks after asks and entries. */
  readonly workerUntil: EpochMs;
}

/** What this machine holds of one budget, split as it is, in one window. */
export interface HeldLease {
  /** Budget and split, as the gate names them. */
  readonly shareKey: string;
  readonly poolKey: string;
  /** This machine's clock. */
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** Spent by this machine in the window when the lease was given, and what it carries beyond. */
  readonly spentNanoUsd: NanoUsd;
  readonly outstandingNanoUsd: NanoUsd;
  /** Entries up to here are in what was spent. */
  readonly throughSeq: number;
  readonly renewal: number;
  /** `refused`: the team had not what was asked for. `held-elsewhere`: a copy of this machine holds it. */
  readonly state: 'granted' | 'refused' | 'held-elsewhere';
  /** The whole team's, as it was then. */
  readonly ceilingNanoUsd: NanoUsd;
  readonly committedNanoUsd: NanoUsd;
  /** The machine and its start, as `readHolder` names them. */
  readonly holder: string;
  readonly answeredAt: EpochMs;
}

/** Money that a hook asks for. */
export interface LeaseAsk {
  readonly shareKey: string;
  readonly budgetId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly sessionId: string;
  readonly wantNanoUsd: NanoUsd;
  readonly needNanoUsd: NanoUsd;
  readonly askedAt: EpochMs;
  /** Kept with the question, so that it is the same after a crash. */
  readonly askId: string;
}

export interface TeamOperations {
  /** `null`: this machine belongs to no team. */
  readonly readTeam: () => TeamKnowledge | null;
  /** Begins with what is spent from now on. */
  readonly enterTeam: () => void;
  readonly forgetTeam: () => void;
  readonly writeTeamState: (state: TeamState, at: EpochMs) => void;
  readonly writeTeamTrouble: (
    trouble: Partial<Pick<TeamKnowledge, 'unreachableSince' | 'refusal'>>,
  ) => void;
  /** Entries after a position that this machine has seen itself, oldest first, and how far was read. */
  readonly readTeamEntries: (
    after: number,
    limit: number,
  ) => { readonly entries: readonly TeamEntry[]; readonly through: number };
  /** Entries up to here were sent, and the team has answered. */
  readonly writeTeamPosition: (throughSeq: number) => void;
  readonly writeSendingOffset: (offsetMs: number) => void;
  /** Has all entries from an instant on sent once more, also those of before this machine was in the team. */
  readonly resendTeamEntries: (from: EpochMs) => void;

  readonly readHeldLease: (shareKey: string) => HeldLease | null;
  readonly readHeldLeases: () => readonly HeldLease[];
  readonly writeHeldLease: (lease: HeldLease) => void;
  readonly readHolder: () => string;
  /** Asks, unless the same was asked already; true where it is news. */
  readonly askLease: (ask: Omit<LeaseAsk, 'askId'>) => boolean;
  readonly readLeaseAsks: () => readonly LeaseAsk[];
  /** Ends a question that was answered. Where more is needed than the answer has met, it stays, as another one. */
  readonly removeLeaseAsk: (askId: string, metNanoUsd: NanoUsd) => void;

  /** Makes `owner` the team's worker for a moment, or keeps it; false while another is. */
  readonly becomeTeamWorker: (owner: string, until: EpochMs, now: EpochMs) => boolean;
  readonly endTeamWorker: (owner: string) => void;
}
