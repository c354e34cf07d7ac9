// Giving a pass after a decision, and using one instead of the next. Rule: a pass stands in for the gate only before a tool
// of the main loop that starts no subagents; the gate between a response and the next request knows nothing of it, so a
// pass can never let a request be made.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { Agent, AgentEvent, PlainOf } from '../agents/agent.ts';
import { ATTRIBUTION_KEYS } from '../domain/attribution.ts';
import { holds, type Pass, type PlainResponse, roomOf } from '../domain/decision-lease.ts';
import type { SessionId, TurnId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { tokenBucket } from '../domain/token-histogram.ts';
import { promptTokens } from '../domain/usage.ts';
import { headOf } from '../ingest/ingest-session.ts';
import { requestBranch } from '../ingest/record-fact.ts';
import { roundToNano } from '../pricing/price.ts';
import { utf8Of } from '../runtime/bytes.ts';
import type {
  PlainEntry,
  PlainStanding,
  PlainStore,
  SessionRecord,
  ThreadRecord,
} from '../stores/store.ts';
import { nextRequestUpperBound } from './forecast-inputs.ts';
import type { GateAssessment, GateDeps } from './gate.ts';
import type { PassGrounds } from './lease-pricing.ts';
import { SPAWNING_TOOLS } from './subagent-spawn.ts';

/** Whether a pass can stand in for the gate here, by a look at the event. */
export const isPassable = ({ moment, agentId, tool, transcriptPath }: AgentEvent): boolean =>
  moment === 'before-tool' &&
  agentId === null &&
  tool !== null &&
  transcriptPath !== null &&
  !SPAWNING_TOOLS.has(tool.name);

/**
 * The pass that a decision leaves behind; `null` where the next one may come to something else. `isFar`: no forecast could
 * matter under any ceiling, so that a pass will hold for a while.
 */
export function passAfter(
  { event, now, budgetContext, budgetStatuses, decision }: GateAssessment,
  isFar: () => boolean,
  { inheritedNanoUsd }: SessionRecord,
  thread: ThreadRecord | null,
  { store, agent }: GateDeps,
): Pass | null {
  const { verdict, due, reached } = decision;
  if (thread === null || !isPassable(event) || hasSubagents(event, agent)) return null;
  if (verdict.kind !== 'allow' || due.length > 0 || reached.length > 0 || !isFar()) return null;
  const room = roomOf(budgetStatuses, now);
  const end = room === null ? null : store.readEnd();
  if (room === null || end === null) return null;
  const { chain } = budgetContext;
  const { turnId } = event;
  return { ...room, end, madeAt: now, model: thread.model, turnId, chain, inheritedNanoUsd };
}

export interface PassDeps extends Pick<GateDeps, 'hostPid'> {
  readonly agent: Pick<Agent, 'transcriptFiles'>;
  /**
   * The responses in whole lines of a main transcript; `null` where a line is of another kind than the plainest, so that
   * only `Agent.scan` can say what it tells.
   */
  readonly plainResponses: (text: string, of: PlainOf) => readonly PlainResponse[] | null;
  readonly store: PlainStore;
}

/** A pass with what to record by. */
export type KeptPass = PassGrounds & { readonly pass: Pass };

/** A response is some kilobytes; who has more to read has other work to do. */
const MOST_BYTES = 256 * 1024;

/**
 * Does what the gate would have done: records what is new and notes that the session is alive. False when the pass does
 * not hold, or something new is not plain; call inside a transaction, and take back what was written. The event is one
 * that a pass can stand in for.
 */
export function usePass(kept: KeptPass, event: AgentEvent, deps: PassDeps, now: EpochMs): boolean {
  const { store, agent } = deps;
  const { pass, place } = kept;
  const { sessionId, transcriptPath, cwd } = event;
  if (transcriptPath === null) return false;
  if (hasSubagents(event, agent)) return false;
  const budgetContext = store.readStanding(sessionId, transcriptPath, pass.chain);
  if (budgetContext === null || !budgetContext.isPlain || budgetContext.isHalted) return false;
  const { carry } = budgetContext.checkpoint;
  const fresh = carry.cutOff === null ? readFresh(transcriptPath, budgetContext.checkpoint) : null;
  if (fresh === null) return false;
  const of = { sessionId, model: pass.model, cwd, turnId: carry.turnId };
  const responses = deps.plainResponses(fresh.text, of);
  const entries = responses?.map((response) => entryOf(response, kept, budgetContext)) ?? [null];
  if (!entries.every((entry) => entry !== null)) return false;

  const thread = threadAfter(budgetContext.thread, entries, carry.turnId as TurnId | null);
  const { sessionKey, session } = budgetContext;
  const times = entries.map(({ occurredAt }) => occurredAt);
  const isRecorded = store.recordPlain({
    ...{ sessionKey, transcriptPath, cwd, turnId: carry.turnId, entries, thread, now },
    session: {
      startedAt: Math.min(session.startedAt, ...times),
      lastSeenAt: Math.max(session.lastSeenAt, now, ...times),
      repository: place.repository ?? session.repository,
      branch: place.branch,
      developer: place.developer,
      hostPid: deps.hostPid ?? session.hostPid,
    },
    offset: fresh.endsAt,
  });
  if (!isRecorded) return false;
  countHistories(entries, sessionId, pass.model, store);
  const since = store.readSince(pass.end, now);
  if (since === null) return false;
  const pricer = { rates: () => kept.rates };
  return holds(pass, {
    ...{ ...since, now, turnId: event.turnId, model: thread.model },
    inheritedNanoUsd: session.inheritedNanoUsd,
    nextRequestUpperBoundNanoUsd: (ceilingNanoUsd) =>
      nextRequestUpperBound(thread, null, { store, pricer, ceilingNanoUsd }, now),
  });
}

/** What they have spent is the gate's to read. */
const hasSubagents = (
  { transcriptPath }: AgentEvent,
  agent: Pick<Agent, 'transcriptFiles'>,
): boolean => transcriptPath !== null && agent.transcriptFiles(transcriptPath).length > 1;

/** The whole lines that nobody has read yet; `null` where it is another file, or there is much of it. */
function readFresh(
  path: string,
  { inode, offset }: PlainStanding['checkpoint'],
): { readonly text: string; readonly endsAt: number } | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.ino !== inode || stat.size < offset || stat.size - offset > MOST_BYTES) return null;
  const bytes = Buffer.allocUnsafe(stat.size - offset);
  const fd = openSync(path, 'r');
  try {
    if (readSync(fd, bytes, 0, bytes.length, offset) !== bytes.length) return null;
  } finally {
    closeSync(fd);
  }
  const length = bytes.lastIndexOf('\n') + 1;
  return { text: utf8Of(bytes, 0, length), endsAt: offset + length };
}

/** `null` where its cost or its labels do not follow from the grounds alone. */
function entryOf(
  response: PlainResponse,
  { place, labels, rates, span, longPromptTokens }: PassGrounds,
  { session }: PlainStanding,
): PlainEntry | null {
  const { occurredAt, inputTokens, outputTokens, cacheReadTokens } = response;
  const { cacheWrite5mTokens, cacheWrite1hTokens } = response;
  if (occurredAt < span.startAt || occurredAt >= span.endAt) return null;
  if (longPromptTokens !== null && promptTokens(response) > longPromptTokens) return null;
  const picoUsd =
    inputTokens * rates.input +
    outputTokens * rates.output +
    cacheReadTokens * rates.cacheRead +
    cacheWrite5mTokens * rates.cacheWrite5m +
    cacheWrite1hTokens * rates.cacheWrite1h;
  const tenthsOfPico = picoUsd * 10;
  if (!Number.isSafeInteger(tenthsOfPico)) return null;
  const head = headOf(session);
  if (requestBranch(response, place, head) !== place.branch) return null;
  return {
    ...response,
    costNanoUsd: roundToNano(tenthsOfPico),
    labels: labels.map((label, index) => {
      if (index === TOOL) return response.tool;
      return index === SKILL ? response.skill : label;
    }),
  };
}

const TOOL = ATTRIBUTION_KEYS.indexOf('tool');
const SKILL = ATTRIBUTION_KEYS.indexOf('skill');

/** The thread as its last response leaves it. */
function threadAfter(
  thread: ThreadRecord,
  entries: readonly PlainEntry[],
  turnId: TurnId | null,
): ThreadRecord {
  const last = entries[entries.length - 1];
  if (last === undefined) return thread;
  return {
    ...thread,
    contextTokens: promptTokens(last),
    lastOutputTokens: last.outputTokens,
    cacheLifetime: last.cacheWrite1hTokens > last.cacheWrite5mTokens ? '1h' : '5m',
    lastRequestAt: last.occurredAt,
    lastRequestId: last.id,
    turnId,
    toolUseIds: last.toolUseIds,
  };
}

/** Counts replies and what was sent in the histories that `recorder.ts` counts them in. */
function countHistories(
  entries: readonly PlainEntry[],
  sessionId: SessionId,
  model: string,
  store: PlainStore,
): void {
  const replies = new Map<number, number>();
  const sent = new Map<number, number>();
  for (const entry of entries) {
    const { inputTokens, cacheWrite5mTokens, cacheWrite1hTokens } = entry;
    count(replies, tokenBucket(entry.outputTokens));
    count(sent, tokenBucket(inputTokens + cacheWrite5mTokens + cacheWrite1hTokens));
  }
  for (const [bucket, times] of replies) {
    store.addToTokenHistogram(`session:${sessionId}`, bucket, times);
    store.addToTokenHistogram(`model:${model}`, bucket, times);
    store.addToTokenHistogram('machine', bucket, times);
  }
  for (const [bucket, times] of sent) store.addToTokenHistogram(`new:${sessionId}`, bucket, times);
}

const count = (counts: Map<number, number>, bucket: number): void => {
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
};
