// Reads the new part of a session's transcripts into the ledger. Rule: a file is read from where the last
// reader stopped, inside the transaction that records it, so two readers can never record twice.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type {
  Agent,
  RequestFact,
  ScanCarry,
  TranscriptFact,
  TranscriptFile,
} from '../agents/agent.ts';
import { NO_CARRY } from '../agents/agent.ts';
import type { Place } from '../attribution/source.ts';
import { type Attribution, NO_ATTRIBUTION } from '../domain/attribution.ts';
import { entryId, type SessionId } from '../domain/ids.ts';
import { outputBucket } from '../domain/output-history.ts';
import type { EpochMs } from '../domain/time.ts';
import { addUsage, NO_USAGE, promptTokens } from '../domain/usage.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import { type LabelRules, labelsOf } from './labels.ts';

/** Bytes taken in one gulp: memory stays small however large a transcript is. */
const CHUNK_BYTES = 8 * 1024 * 1024;
const SEARCH_NANO_USD = 10_000_000;
const PICO_PER_NANO = 1_000;

export interface IngestDeps {
  readonly agent: Agent;
  readonly store: Store;
  readonly pricer: Pricer;
  readonly labels: LabelRules;
  readonly readPlace: (cwd: string) => Place;
}

/** The head as a session's last event saw it: requests since then were made on that branch. */
export interface KnownHead {
  readonly repository: string | null;
  readonly branch: string | null;
  readonly since: EpochMs;
}

/** What a read brought. */
export interface Ingested {
  readonly requestCount: number;
  /** Models without a price that were met, with the row they were counted as. */
  readonly unknownModels: readonly { readonly model: string; readonly pricedAs: string }[];
}

/** Reads what is new in all files of a session. Call inside `store.immediately`. */
export function ingestSession(
  mainPath: string,
  deps: IngestDeps,
  now: EpochMs,
  head: KnownHead | null,
): Ingested {
  const unknown = new Map<string, string>();
  let requestCount = 0;
  for (const file of deps.agent.transcriptFiles(mainPath)) {
    requestCount += ingestFile(file, deps, now, head, unknown);
  }
  return {
    requestCount,
    unknownModels: [...unknown].map(([model, pricedAs]) => ({ model, pricedAs })),
  };
}

function ingestFile(
  file: TranscriptFile,
  deps: IngestDeps,
  now: EpochMs,
  head: KnownHead | null,
  unknown: Map<string, string>,
): number {
  const checkpoint = deps.store.readCheckpoint(file.path);
  let stat: { ino: number; size: number };
  try {
    stat = statSync(file.path);
  } catch {
    return 0; // not written yet, or a session without a transcript
  }
  const isSame = checkpoint?.inode === stat.ino && checkpoint.offset <= stat.size;
  let offset = isSame ? checkpoint.offset : 0;
  let carry: ScanCarry = isSame ? checkpoint.carry : NO_CARRY;
  if (offset === stat.size) return 0;

  let requestCount = 0;
  const recorder = recorderOf(deps, now, file, head, unknown);
  const start = offset;
  const fd = openSync(file.path, 'r');
  try {
    const { size, ino } = fstatSync(fd);
    let chunkBytes = CHUNK_BYTES;
    while (offset < size) {
      const bytes = Buffer.allocUnsafe(Math.min(chunkBytes, size - offset));
      const read = readSync(fd, bytes, 0, bytes.length, offset);
      const scanned = deps.agent.scan(bytes.subarray(0, read), carry, (fact) => {
        if (recorder(fact)) requestCount += 1;
      });
      carry = scanned.carry;
      offset += scanned.consumedBytes;
      if (scanned.consumedBytes > 0) continue;
      // No whole line in sight: a line longer than the chunk, or one that is still being written.
      if (read < chunkBytes) break;
      chunkBytes *= 2;
    }
    if (offset !== start || !isSame) {
      deps.store.writeCheckpoint({ path: file.path, inode: ino, offset, carry });
    }
  } finally {
    closeSync(fd);
  }
  return requestCount;
}

/** Records facts; answers true for a request that was new. */
function recorderOf(
  deps: IngestDeps,
  now: EpochMs,
  file: TranscriptFile,
  head: KnownHead | null,
  unknown: Map<string, string>,
): (fact: TranscriptFact) => boolean {
  const agentType = deps.agent.readAgentType(file);
  const sessions = new Map<string, SessionRecord>();
  const sessionOf = (id: SessionId, at: EpochMs): SessionRecord => {
    const known = sessions.get(id) ?? deps.store.readSession(id) ?? newSession(id, at || now);
    sessions.set(id, known);
    return known;
  };
  const update = (session: SessionRecord, change: Partial<SessionRecord>) => {
    const next = { ...session, ...change };
    sessions.set(session.sessionId, next);
    deps.store.writeSession(next);
  };

  return (fact) => {
    switch (fact.kind) {
      case 'request':
        return recordRequest(fact, sessionOf(fact.sessionId, fact.occurredAt));
      case 'turn': {
        // The client's total was written before this prompt, and covers nothing after it. A subagent's
        // file opens with the prompt it was given, which says nothing about that.
        if (file.agentId !== null) return false;
        const session = sessionOf(fact.sessionId, fact.occurredAt);
        if (session.clientTotalNanoUsd !== null && session.clientTotalUntil === null) {
          update(session, { clientTotalUntil: fact.occurredAt });
        }
        return false;
      }
      case 'client-total':
        update(sessionOf(fact.sessionId, now), {
          clientTotalNanoUsd: fact.totalNanoUsd,
          clientTotalUntil: null,
        });
        return false;
      case 'compaction': {
        const session = sessionOf(fact.sessionId, fact.occurredAt);
        const thread = deps.store.readThread(fact.sessionId, null);
        const rates = deps.pricer.rates(thread?.model ?? 'default', fact.occurredAt);
        const cost = Math.ceil((fact.contextTokens * rates.cacheRead) / PICO_PER_NANO);
        estimate(session, `compaction:${fact.id}`, 'compaction', cost, fact.occurredAt, 0);
        return false;
      }
      case 'search': {
        const session = sessionOf(fact.sessionId, fact.occurredAt);
        const cost = fact.count * SEARCH_NANO_USD;
        estimate(session, `search:${fact.id}`, 'web-search', cost, fact.occurredAt, fact.count);
        return false;
      }
    }
  };

  function recordRequest(fact: RequestFact, session: SessionRecord): boolean {
    const priced = deps.pricer.price(fact);
    const place = deps.readPlace(fact.cwd ?? session.cwd ?? '.');
    const branch = branchOf(fact, place);
    const attribution: Attribution = {
      ...NO_ATTRIBUTION,
      ...labelsOf({ ...place, branch }, deps.labels),
      model: fact.model,
      agentType,
      tool: fact.toolNames[0] ?? null,
    };
    const usage = fact.paused.reduce((sum, each) => addUsage(sum, each.usage), fact.report.usage);
    const outcome = deps.store.recordUsage({
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
      flags: { unknownModel: priced.unknownModel, interrupted: fact.interrupted },
      attribution,
    });
    if (priced.unknownModel) unknown.set(fact.model, priced.pricedAs);
    if (fact.copiedInto !== null) {
      // The last copied line names the session that this one was forked from.
      const fork = sessionOf(fact.copiedInto, fact.occurredAt);
      if (fork.parentSessionId !== fact.sessionId) {
        update(fork, { parentSessionId: fact.sessionId });
      }
    } else if (session.parentSessionId !== null && session.forkedAt === null) {
      update(session, { forkedAt: fact.occurredAt });
    }
    rememberThread(fact, fact.copiedInto ?? fact.sessionId, outcome === 'recorded');
    if (outcome !== 'recorded') return false;
    deps.store.addToHistory(`session:${fact.sessionId}`, outputBucket(usage.outputTokens), 1);
    deps.store.addToHistory(`model:${fact.model}`, outputBucket(usage.outputTokens), 1);
    deps.store.addToHistory('machine', outputBucket(usage.outputTokens), 1);
    const current = sessions.get(fact.sessionId) ?? session;
    update(current, {
      startedAt: Math.min(current.startedAt, fact.occurredAt || current.startedAt),
      lastSeenAt: Math.max(current.lastSeenAt, fact.occurredAt),
      cwd: current.cwd ?? fact.cwd,
      repository: place.repository ?? current.repository,
      branch: branch ?? current.branch,
      developer: place.developer ?? current.developer,
    });
    return true;
  }

  /**
   * The branch of the request's own moment. The agent stamps its lines up to a second late, so while a
   * session is watched its last event knows better; for lines from before, the stamp is all there is.
   */
  function branchOf(fact: RequestFact, place: Place): string | null {
    const isWatched = head !== null && fact.occurredAt >= head.since && place.worktree === null;
    if (isWatched && head.repository === place.repository) return head.branch;
    return fact.branch === null || fact.branch === 'HEAD' ? place.branch : fact.branch;
  }

  function rememberThread(fact: RequestFact, id: SessionId, isNew: boolean): void {
    const known = deps.store.readThread(id, fact.agentId);
    const isSame = known?.lastRequestId === fact.requestId;
    if (known && !isSame && !isNew && known.lastRequestAt > fact.occurredAt) return;
    const { usage } = fact.report;
    deps.store.writeThread({
      sessionId: id,
      agentId: fact.agentId,
      agentType,
      model: fact.model,
      contextTokens: promptTokens(usage) + usage.outputTokens,
      cacheLifetime: usage.cacheWrite1hTokens > usage.cacheWrite5mTokens ? '1h' : '5m',
      lastRequestAt: fact.occurredAt,
      lastRequestId: fact.requestId,
      turnId: fact.turnId,
      toolUseIds: isSame
        ? [...new Set([...known.toolUseIds, ...fact.toolUseIds])]
        : fact.toolUseIds,
    });
  }

  function estimate(
    session: SessionRecord,
    id: string,
    reason: string,
    costNanoUsd: number,
    occurredAt: EpochMs,
    searchCount: number,
  ): void {
    if (!deps.store.readSession(session.sessionId)) deps.store.writeSession(session);
    deps.store.recordCorrection({
      kind: 'correction',
      reason,
      entryId: entryId(id),
      sessionId: session.sessionId,
      agentId: null,
      turnId: null,
      occurredAt,
      recordedAt: now,
      costNanoUsd,
      provenance: 'estimated',
      usage: { ...NO_USAGE, webSearchCount: searchCount },
      attribution: NO_ATTRIBUTION,
    });
  }
}

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
    clientTotalNanoUsd: null,
    clientTotalUntil: null,
    endedAt: null,
    clientPid: null,
  };
}
