// Writes what a transcript tells into the ledger, fact by fact. Rule: a fact told twice, by whichever file and in
// whatever order, leaves the same money behind as one told once.
import type { RequestFact, TranscriptFact, TranscriptFile } from '../agents/agent.ts';
import type { Place } from '../attribution/source.ts';
import { entryId, type SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { tokenBucket } from '../domain/token-histogram.ts';
import { addUsage, NO_USAGE, promptTokens } from '../domain/usage.ts';
import type { SessionRecord, ThreadRecord } from '../stores/store.ts';
import { requestLabels, sessionLabels } from './attribution-labels.ts';
import { joined } from './merge-response-lines.ts';
import type { KnownHead, RecorderDeps } from './types.ts';

const SEARCH_NANO_USD = 10_000_000;
const PICO_PER_NANO = 1_000;

/** What recording has found out beside what it wrote; filled as it goes. */
export interface Findings {
  /** Models without a price, and the row each was counted as. */
  readonly unknown: Map<string, string>;
  /** Sessions whose settlement may come out differently now. */
  readonly toSettle: Set<SessionId>;
  /** Sessions that others were forked from and whose own transcript nobody has read. */
  readonly unreadParents: Set<SessionId>;
}

export const noFindings = (): Findings => ({
  unknown: new Map(),
  toSettle: new Set(),
  unreadParents: new Set(),
});

/** Records facts of one file; answers true for a request that was new. */
export function createRecorder(
  deps: RecorderDeps,
  now: EpochMs,
  file: TranscriptFile,
  head: KnownHead | null,
  { unknown, toSettle, unreadParents }: Findings,
): (fact: TranscriptFact) => boolean {
  const { store, pricer } = deps;
  const agentType = deps.agent.readAgentType(file);
  const labelled = requestLabels(deps.labels, agentType, deps.agent.tools);
  const sessions = new Map<string, SessionRecord>();
  let owners: Owners = { sessionId: '', model: '', session: '', ofModel: '', sent: '' };
  const sessionOf = (id: SessionId, at: EpochMs): SessionRecord => {
    const known = sessions.get(id) ?? store.readSession(id) ?? newSession(id, at || now);
    sessions.set(id, known);
    return known;
  };
  const write = (session: SessionRecord) => {
    sessions.set(session.sessionId, session);
    store.writeSession(session);
  };

  return (fact) => {
    switch (fact.kind) {
      case 'request':
        return recordRequest(fact, sessionOf(fact.sessionId, fact.occurredAt));
      case 'turn':
        closeTotals(fact);
        return false;
      case 'client-total':
        write({
          ...sessionOf(fact.sessionId, now),
          hostTotalNanoUsd: fact.totalNanoUsd,
          hostTotalUntil: null,
        });
        store.writeHostTotal(fact.sessionId, fact.ordinal, fact.totalNanoUsd);
        toSettle.add(fact.sessionId);
        return false;
      case 'compaction': {
        closeTotals(fact);
        const thread = store.readThread(fact.sessionId, null);
        const rates = pricer.rates(thread?.model ?? 'default', fact.occurredAt);
        const cost = Math.ceil((fact.contextTokens * rates.cacheRead) / PICO_PER_NANO);
        recordEstimate(fact, 'compaction', cost, 0);
        return false;
      }
      case 'search':
        recordEstimate(fact, 'web-search', fact.count * SEARCH_NANO_USD, fact.count);
        return false;
    }
  };

  /**
   * The client's total was written before this prompt (or this compaction), and covers nothing after it. A
   * subagent's file opens with the prompt it was given, which says nothing about that.
   */
  function closeTotals(fact: Extract<TranscriptFact, { afterTotalCount: number }>): void {
    const { afterTotalCount, occurredAt } = fact;
    if (file.agentId !== null || afterTotalCount === 0 || occurredAt === 0) return;
    store.closeHostTotals(fact.sessionId, afterTotalCount, occurredAt);
    const session = sessionOf(fact.sessionId, occurredAt);
    if (session.hostTotalNanoUsd === null || session.hostTotalUntil !== null) return;
    write({ ...session, hostTotalUntil: occurredAt });
  }

  function recordRequest(fact: RequestFact, session: SessionRecord): boolean {
    const teller = fact.copiedInto ?? fact.sessionId;
    const thread = store.readThread(teller, fact.agentId);
    const priced = pricer.price(fact);
    const place = deps.readPlace(fact.cwd ?? session.cwd ?? '.');
    const branch = requestBranch(fact, place, head);
    const attribution = labelled(place, branch, fact);
    // Where the client wrote the cost itself, no price of ours is guessed.
    const unknownModel = priced.unknownModel && fact.writtenCostNanoUsd === null;
    const usage = fact.paused.reduce((sum, each) => addUsage(sum, each.usage), fact.report.usage);
    const outcome = store.recordUsage({
      kind: 'usage',
      entryId: entryId(fact.requestId),
      requestId: fact.requestId,
      sessionId: fact.sessionId,
      agentId: fact.agentId,
      turnId: fact.turnId,
      occurredAt: fact.occurredAt,
      recordedAt: now,
      usage,
      costNanoUsd: fact.writtenCostNanoUsd ?? priced.costNanoUsd,
      provenance: fact.interrupted ? 'estimated' : 'metered',
      flags: { unknownModel, interrupted: fact.interrupted },
      attribution,
    });
    if (unknownModel) unknown.set(fact.model, priced.pricedAs);
    // The lines of one response follow each other: only the first of them can be news of a fork.
    if (thread?.lastRequestId !== fact.requestId) linkFork(fact, session, outcome === 'duplicate');
    if (outcome !== 'duplicate') willSettle(session, fact.occurredAt);
    rememberThread(fact, teller, thread, outcome === 'recorded');
    if (outcome !== 'recorded') return false;
    const sent = usage.inputTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
    const bucket = tokenBucket(usage.outputTokens);
    if (fact.sessionId !== owners.sessionId || fact.model !== owners.model) owners = ownersOf(fact);
    store.addToTokenHistogram(owners.session, bucket, 1);
    store.addToTokenHistogram(owners.ofModel, bucket, 1);
    store.addToTokenHistogram('machine', bucket, 1);
    store.addToTokenHistogram(owners.sent, tokenBucket(sent), 1);
    const current = sessions.get(fact.sessionId) ?? session;
    // Field by field: to copy whatever there may be takes many times as long.
    write({
      sessionId: current.sessionId,
      transcriptPath: current.transcriptPath ?? mainPathOf(fact),
      cwd: current.cwd ?? fact.cwd,
      startedAt: Math.min(current.startedAt, fact.occurredAt || current.startedAt),
      lastSeenAt: Math.max(current.lastSeenAt, fact.occurredAt),
      repository: place.repository ?? current.repository,
      branch: branch ?? current.branch,
      developer: place.developer ?? current.developer,
      parentSessionId: current.parentSessionId,
      forkedAt: current.forkedAt,
      inheritedNanoUsd: current.inheritedNanoUsd,
      hostTotalNanoUsd: current.hostTotalNanoUsd,
      hostTotalUntil: current.hostTotalUntil,
      endedAt: current.endedAt,
      hostPid: current.hostPid,
    });
    return true;
  }

  /** The session's own transcript, when this is it. */
  function mainPathOf(fact: RequestFact): string | null {
    const isOwn = file.agentId === null && fact.copiedInto === null;
    return isOwn && file.path.endsWith(`${fact.sessionId}.jsonl`) ? file.path : null;
  }

  /** Finds out who was forked from whom. The last copied line names the session that this one was forked from. */
  function linkFork(fact: RequestFact, session: SessionRecord, isKnown: boolean): void {
    const { sessionId: told, copiedInto, requestId, occurredAt } = fact;
    // Clients that do not mark their copies tell another session's request as their own.
    const owner = isKnown && copiedInto === null ? (store.readOwner(requestId) ?? told) : told;
    const teller = copiedInto ?? told;
    if (owner !== teller) {
      const fork = sessionOf(teller, occurredAt);
      if (fork.parentSessionId === owner) return;
      write({ ...fork, parentSessionId: owner });
      toSettle.add(teller);
      if (store.readThread(owner, null) === null) unreadParents.add(owner);
    } else if (session.parentSessionId !== null && session.forkedAt === null) {
      write({ ...session, forkedAt: occurredAt });
      toSettle.add(teller);
    } else if (isKnown) {
      // A fork's copy told it first; now the session tells it itself.
      toSettle.add(teller);
    }
  }

  /** A request from before the end of what the client's total covers changes what was hidden in it. */
  function willSettle(session: SessionRecord, at: EpochMs): void {
    const { sessionId, hostTotalNanoUsd, hostTotalUntil } = session;
    if (hostTotalNanoUsd === null) return;
    if (hostTotalUntil === null || at < hostTotalUntil) toSettle.add(sessionId);
  }

  function rememberThread(
    fact: RequestFact,
    id: SessionId,
    known: ThreadRecord | null,
    isNew: boolean,
  ): void {
    const isSame = known?.lastRequestId === fact.requestId;
    if (known && !isSame && !isNew && known.lastRequestAt > fact.occurredAt) return;
    const { usage } = fact.report;
    store.writeThread({
      sessionId: id,
      agentId: fact.agentId,
      agentType,
      model: fact.model,
      contextTokens: promptTokens(usage),
      lastOutputTokens: usage.outputTokens,
      cacheLifetime: usage.cacheWrite1hTokens > usage.cacheWrite5mTokens ? '1h' : '5m',
      // When it was first told, as in its entry, whichever line of it is read last.
      lastRequestAt: isSame ? known.lastRequestAt : fact.occurredAt,
      lastRequestId: fact.requestId,
      turnId: fact.turnId,
      toolUseIds: isSame ? joined(known.toolUseIds, fact.toolUseIds) : fact.toolUseIds,
    });
  }

  function recordEstimate(
    fact: Extract<TranscriptFact, { kind: 'compaction' | 'search' }>,
    reason: string,
    costNanoUsd: number,
    searchCount: number,
  ): void {
    const session = sessionOf(fact.sessionId, fact.occurredAt);
    if (!store.readSession(session.sessionId)) store.writeSession(session);
    store.recordCorrection({
      kind: 'correction',
      reason,
      entryId: entryId(`${fact.kind}:${fact.id}`),
      sessionId: session.sessionId,
      agentId: null,
      turnId: null,
      occurredAt: fact.occurredAt,
      recordedAt: now,
      costNanoUsd,
      provenance: 'estimated',
      usage: { ...NO_USAGE, webSearchCount: searchCount },
      attribution: sessionLabels(session, deps.labels),
    });
    willSettle(session, fact.occurredAt);
  }
}

/**
 * The branch of a request's own moment. The agent stamps its lines up to a second late, so while a session is watched
 * its last event knows better; for lines from before, the stamp is all there is.
 */
export function requestBranch(
  { occurredAt, branch }: Pick<RequestFact, 'occurredAt' | 'branch'>,
  place: Place,
  head: KnownHead | null,
): string | null {
  const isWatched = head !== null && occurredAt >= head.since && place.worktree === null;
  if (isWatched && head.repository === place.repository) return head.branch;
  return branch === null || branch === 'HEAD' ? place.branch : branch;
}

/** Whose histories a request is counted in; see `Store.readTokenHistogram`. */
interface Owners {
  readonly sessionId: string;
  readonly model: string;
  readonly session: string;
  readonly ofModel: string;
  readonly sent: string;
}

/** Kept from one request to the next, because most are of one session and one model. */
const ownersOf = ({ sessionId, model }: RequestFact): Owners => ({
  ...{ sessionId, model, session: `session:${sessionId}`, ofModel: `model:${model}` },
  sent: `new:${sessionId}`,
});

/** A session nobody has told us anything about yet. */
export function newSession(id: SessionId, at: EpochMs): SessionRecord {
  return {
    sessionId: id,
    transcriptPath: null,
    cwd: null,
    startedAt: at,
    lastSeenAt: at,
    repository: null,
    branch: null,
    developer: null,
    parentSessionId: null,
    forkedAt: null,
    inheritedNanoUsd: 0,
    hostTotalNanoUsd: null,
    hostTotalUntil: null,
    endedAt: null,
    hostPid: null,
  };
}
