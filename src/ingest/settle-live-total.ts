// The client's own total while a session runs, as its status line tells it, settles the ledger at once.
// Rule: a total is believed only when the ledger holds every request the total speaks of, and none that it does
// not: otherwise a line that is some milliseconds late would be counted as hidden money, and then once more.
import { statSync } from 'node:fs';
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { SessionRecord, ThreadRecord } from '../stores/store.ts';
import { hostTotalOf, settle } from './settle.ts';
import type { IngestDeps } from './types.ts';

/** What settling a live total needs. */
export interface LiveTotalDeps extends IngestDeps {
  /** How many other threads of the session have a request under way. */
  readonly countOtherThreads: (session: SessionRecord, now: EpochMs) => number;
}

/** What the host said. */
export interface LiveTotal {
  readonly sessionId: SessionId;
  /** Everything of the session so far, what it inherited included. */
  readonly totalNanoUsd: NanoUsd;
  /** Its last request; `null`: none since the start or a compaction. */
  readonly lastRequest: { readonly promptTokens: number; readonly outputTokens: number } | null;
}

/**
 * `settled`: there was money on no line, and now there is. `agrees`: ledger and total are equal.
 * `not-now`: requests are under way, so the two cannot be compared; the next total will do.
 */
export type LiveOutcome = 'settled' | 'agrees' | 'not-now';

const NOISE_NANO_USD = 1_000;
/** Lines reach the transcript within a quarter of a second of their message. Source: client 2.1.330. */
const QUIET_MS = 1_000;
/** A subagent that wrote a line this lately may be about to write another. */
const SUBAGENT_QUIET_MS = 3_000;

/** Settles, when that can be done rightly. Call inside `store.immediately`, after reading the transcript. */
export function settleLiveTotal(live: LiveTotal, deps: LiveTotalDeps, now: EpochMs): LiveOutcome {
  const { store, pricer } = deps;
  const session = store.readSession(live.sessionId);
  if (session === null) return 'not-now';
  // A total never shrinks: a smaller one is a counter that began anew, and says nothing about the session.
  if (live.totalNanoUsd < (session.hostTotalNanoUsd ?? 0)) return 'not-now';
  const thread = store.readThread(live.sessionId, null);
  if (!isOfNow(live, thread, now) || isBusyElsewhere(session, deps, now)) return 'not-now';

  const newest = newestEntryAt(live.sessionId, deps);
  const until = newest === null ? now : newest + 1;
  const next = { ...session, hostTotalNanoUsd: live.totalNanoUsd, hostTotalUntil: until };
  const total = hostTotalOf(next, pricer);
  if (total === null) return 'not-now';
  const sums = store.readSettlement(live.sessionId, until);
  const unknown = total - session.inheritedNanoUsd - sums.requestsNanoUsd - sums.settledNanoUsd;
  if (unknown < -NOISE_NANO_USD) return 'not-now';
  if (thread !== null && isTwin(unknown, live.sessionId, thread, deps)) return 'not-now';
  store.writeSession(next);
  settle(live.sessionId, store, deps, now);
  return unknown > NOISE_NANO_USD ? 'settled' : 'agrees';
}

/** Whether the main loop's last request is the same one on both sides. */
function isOfNow(live: LiveTotal, thread: ThreadRecord | null, now: EpochMs): boolean {
  const { lastRequest } = live;
  if (lastRequest === null) return thread === null || now - thread.lastRequestAt >= QUIET_MS;
  return (
    lastRequest.promptTokens === thread?.contextTokens &&
    lastRequest.outputTokens === thread.lastOutputTokens
  );
}

/** Subagents write files of their own; what they have under way may be on either side. */
function isBusyElsewhere(session: SessionRecord, deps: LiveTotalDeps, now: EpochMs): boolean {
  if (deps.countOtherThreads(session, now) > 0) return true;
  if (session.transcriptPath === null) return false;
  return deps.agent
    .transcriptFiles(session.transcriptPath)
    .some(({ path, agentId }) => agentId !== null && now - changedAt(path) < SUBAGENT_QUIET_MS);
}

/**
 * Money that is exactly one more of the last request, in the middle of a turn, is the next request with the same
 * usage, whose line is not there yet.
 */
function isTwin(
  unknown: NanoUsd,
  id: SessionId,
  { lastRequestAt, toolUseIds }: ThreadRecord,
  { store }: LiveTotalDeps,
): boolean {
  if (toolUseIds.length === 0) return false;
  const last =
    store.readCostBefore(id, lastRequestAt + 1) - store.readCostBefore(id, lastRequestAt);
  return Math.abs(unknown - last) <= NOISE_NANO_USD;
}

/** When the newest request or estimate was made; `null` where there is none. */
function newestEntryAt(id: SessionId, { store }: LiveTotalDeps): EpochMs | null {
  const groups = store.readSums({
    by: ['provenance'],
    zone: { timeZone: 'UTC', shifts: [{ fromAt: 0, shiftMs: 0 }] },
    window: { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY },
    where: [{ key: 'session', patterns: [id] }],
  });
  const known = groups.filter(({ key }) => key[0] !== 'client-settled');
  return known.length === 0 ? null : Math.max(...known.map(({ lastAt }) => lastAt));
}

function changedAt(path: string): EpochMs {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
