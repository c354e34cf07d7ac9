// The contract of a digest: what a finished day or week has cost, as figures. Rule: keys are only ever added, since digests wait in the
// outbox and go to webhooks as JSON (schema `tollgate/digest@1`).
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';

export type DigestPeriod = 'day' | 'week';

export interface Digest {
  readonly period: DigestPeriod;
  /** The day, or the Monday a week begins with, in the zone: `2026-11-23`. */
  readonly date: string;
  readonly timeZone: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  /** The period is not over yet: its figures will grow. */
  readonly isOpen: boolean;
  readonly costNanoUsd: NanoUsd;
  readonly requestCount: number;
  /** What the period before it cost. */
  readonly beforeNanoUsd: NanoUsd;
  /** The costliest first. */
  readonly models: readonly DigestModel[];
  /** The costliest first, and not all of very many. */
  readonly sessions: readonly DigestSession[];
  /** Sessions that are not listed, and what they cost. */
  readonly otherSessions: { readonly count: number; readonly costNanoUsd: NanoUsd };
  /** Loops that were found. */
  readonly loops: DigestEvents;
  readonly halts: DigestEvents;
  /** What the same tokens would have cost on the newest model of each cheaper family, the cheapest first. */
  readonly cheaper: readonly DigestAlternative[];
  readonly unseen: DigestUnseen;
  /** There where a plan covers it: amounts are list prices. */
  readonly billing?: 'plan';
}

export interface DigestModel {
  readonly model: string;
  readonly costNanoUsd: NanoUsd;
  readonly beforeNanoUsd: NanoUsd;
  readonly requestCount: number;
}

export interface DigestSession {
  readonly sessionId: SessionId;
  readonly title: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly costNanoUsd: NanoUsd;
  readonly requestCount: number;
  /** Sentences of `tollgate why`, the weightiest first. */
  readonly reasons: readonly string[];
}

export interface DigestEvents {
  readonly count: number;
  /** The newest first, and not all of very many. */
  readonly newest: readonly DigestEvent[];
}

/** An alert of the period in words. */
export interface DigestEvent {
  readonly at: EpochMs;
  readonly sessionId: SessionId | null;
  readonly what: string;
  readonly amount: string;
  readonly where: string;
}

export interface DigestAlternative {
  readonly model: string;
  readonly costNanoUsd: NanoUsd;
  readonly savedNanoUsd: NanoUsd;
}

/** What no figure above can be trusted to hold. */
export interface DigestUnseen {
  /** Lines that may have used tokens and could not be read, in transcripts that were written in the period or later. */
  readonly unusableLineCount: number;
  /** Sessions of which Claude Code has written no transcript. */
  readonly sessionCount: number;
  /** How often the guard was lost. */
  readonly guardLossCount: number;
  /** Part of the cost that is an estimate. */
  readonly estimatedNanoUsd: NanoUsd;
  /** Requests to models without a price, counted as the costliest of their family. */
  readonly unpricedRequestCount: number;
}
