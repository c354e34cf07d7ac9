// The part of a ledger's contract for plan windows: what Claude Code has said of them. Rule: a reading is written once and never changed.
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { PlanLimit, PlanProblem, PlanRate, PlanWindowName } from '../domain/plan-window.ts';
import type { EpochMs } from '../domain/time.ts';

/** What Claude Code said of one window at one moment. */
export interface PlanReading extends PlanLimit {
  /** When the window ends: as `resetsAt`, but the same for all readings of one window. */
  readonly endAt: EpochMs;
  readonly readAt: EpochMs;
  readonly sessionId: SessionId;
  /** The session's total by Claude Code, which tells a new reading from one that is shown again; `null`: not said. */
  readonly hostTotalNanoUsd: NanoUsd | null;
  /** What the ledger had spent in the window by then. */
  readonly spentNanoUsd: NanoUsd;
  /** Learned from all readings up to this one; `null`: they do not tell. */
  readonly rate: PlanRate | null;
}

/** A problem as it was seen last. */
export interface SeenPlanProblem extends PlanProblem {
  readonly seenAt: EpochMs;
}

export interface PlanOperations {
  /** Newest first, by the order in which they were written. */
  readonly readPlanReadings: (window: PlanWindowName, limit: number) => readonly PlanReading[];
  /** What a session said last of a window. */
  readonly readSessionReading: (window: PlanWindowName, id: SessionId) => PlanReading | null;
  /** Windows that something was ever said of. */
  readonly readPlanWindowNames: () => readonly PlanWindowName[];
  /** When windows ended or will end, oldest first. */
  readonly readPlanEnds: (window: PlanWindowName) => readonly EpochMs[];
  readonly addPlanReading: (reading: PlanReading) => void;
  readonly notePlanProblem: (problem: SeenPlanProblem) => void;
  readonly readPlanProblems: (sinceAt: EpochMs) => readonly SeenPlanProblem[];
  /** The first entry at or after an instant; `null`: none. */
  readonly readFirstSpendAt: (at: EpochMs) => EpochMs | null;
}
