// Records the facts of a transcript in the ledger. Rule: a fact recorded twice, from whichever file and in whatever order, leaves the same cost
// as one recorded once.
import type { RequestFact, TranscriptFact, TranscriptFile } from '../agents/agent.ts';
import type { Place } from '../attribution/source.ts';
import { entryId, type SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import { tokenBucket } from '../domain/token-histogram.ts';
import { addUsage, NO_USAGE, promptTokens, type Usage } from '../domain/usage.ts';
import type { SessionRecord, ThreadRecord } from '../stores/store.ts';
import { requestLabels, sessionLabels } from './attribution-labels.ts';
import { joined } from './merge-response-lines.ts';
import { isWrittenCostRight, recordUsage } from './record-usage.ts';
import { requestBranch } from './request-branch.ts';
import type { KnownHead, RecorderDeps } from './types.ts';

const SEARCH_NANO_USD = 10_000_000;
const PICO_PER_NANO = 1_000;

/** What recording found out beside what it wrote; filled as it goes. */
export interface Findings {
  /** Models without a price, and the row each was counted as. */
  readonly unknown: Map<string, string>;
  /** Sessions whose settlement may come out differently now. */
  readonly toSettle: Set<SessionId>;
  /** Sessions that others were forked from and whose own transcript nobody has read. */
  readonly unreadParents: Set<SessionId>;
  /** The tools that responses asked for. */
  readonly toolUseIds: string[];
}

export const noFindings = (): Findings => ({
  unknown: new Map(),
  toSettle: new Set(),
  unreadParents: new Set(),
  toolUseIds: [],
});

/** What recording one file's facts goes by, and remembers from one fact to the next. */
interface Recording {
  readonly deps: RecorderDeps;
  readonly now: EpochMs;
  readonly file: TranscriptFile;
  readonly head: KnownHead | null;
  readonly findings: Findings;
  /** Of the subagent whose file it is; `null`: the main loop, or not known. */
  readonly agentType: string | null;
  readonly label: ReturnType<typeof requestLabels>;
  readonly sessions: Map<string, SessionRecord>;
  owners: Owners;
}

/** A function that records facts of one file, and answers true for a request that was new. */
export function createRecorder(
  deps: RecorderDeps,
  now: EpochMs,
  file: TranscriptFile,
  head: KnownHead | null,
  findings: Findings,
): (fact: TranscriptFact) => boolean {
  const agentType = deps.agent.readAgentType(file);
  const recording: Recording = {
    ...{ deps, now, file, head, findings, agentType },
    label: requestLabels(deps.labels, agentType, deps.agent.tools),
    sessions: new Map(),
    owners: { sessionId: '', model: '', session: '', ofModel: '', sent: '' },
  };
  return (fact) => {
    if (fact.kind === 'request') return recordRequest(fact, recording);
    if (fact.kind === 'client-total') recordHostTotal(fact, recording);
    if (fact.kind === 'turn' || fact.kind === 'compaction') closeTotals(fact, recording);
    if (fact.kind === 'compaction' || fact.kind === 'search') recordEstimate(fact, recording);
    return false;
  };
}

function sessionOf(id: SessionId, at: EpochMs, { sessions, deps, now }: Recording): SessionRecord {
  const session = sessions.get(id) ?? deps.store.readSession(id) ?? newSession(id, at || now);
  sessions.set(id, session);
  return session;
}

function writeSession(session: SessionRecord, { sessions, deps }: Recording): void {
  sessions.set(session.sessionId, session);
  deps.store.writeSession(session);
}

type FactOf<Kind extends TranscriptFact['kind']> = Extract<TranscriptFact, { kind: Kind }>;

function recordHostTotal(fact: FactOf<'client-total'>, recording: Recording): void {
  const { sessionId, totalNanoUsd } = fact;
  const session = sessionOf(sessionId, recording.now, recording);
  writeSession({ ...session, hostTotalNanoUsd: totalNanoUsd, hostTotalUntil: null }, recording);
  recording.deps.store.writeHostTotal(sessionId, fact.ordinal, totalNanoUsd);
  recording.findings.toSettle.add(sessionId);
}

/**
 * Ends what the host's total covers: it was written before this prompt (or this compaction). A subagent's file opens with the
 * prompt it was given, which says nothing about that.
 */
function closeTotals(fact: FactOf<'turn' | 'compaction'>, recording: Recording): void {
  const { afterTotalCount, occurredAt, sessionId } = fact;
  if (recording.file.agentId !== null || afterTotalCount === 0 || occurredAt === 0) return;
  recording.deps.store.closeHostTotals(sessionId, afterTotalCount, occurredAt);
  const session = sessionOf(sessionId, occurredAt, recording);
  if (session.hostTotalNanoUsd === null || session.hostTotalUntil !== null) return;
  writeSession({ ...session, hostTotalUntil: occurredAt }, recording);
}

function recordRequest(told: RequestFact, recording: Recording): boolean {
  const { deps, now, head, findings } = recording;
  const { store } = deps;
  const session = sessionOf(told.sessionId, told.occurredAt, recording);
  const owner = told.copiedInto ?? told.sessionId;
  const thread = store.readThread(owner, told.agentId);
  const priced = deps.pricer.price(told);
  const place = deps.readPlace(told.cwd ?? session.cwd);
  const branch = requestBranch(told, place, head);
  const isWritten = isWrittenCostRight(told, priced);
  const unknownModel = priced.unknownModel && !isWritten;
  const usage = told.paused.reduce((sum, each) => addUsage(sum, each.usage), told.report.usage);
  const { fact, outcome } = recordUsage(told, store, {
    kind: 'usage',
    entryId: entryId(told.requestId),
    requestId: told.requestId,
    responseKey: told.responseKey,
    sessionId: told.sessionId,
    agentId: told.agentId,
    turnId: told.turnId,
    occurredAt: told.occurredAt,
    recordedAt: now,
    usage,
    costNanoUsd: isWritten ? (told.writtenCostNanoUsd ?? 0) : priced.costNanoUsd,
    provenance: told.interrupted ? 'estimated' : 'metered',
    flags: { unknownModel, interrupted: told.interrupted },
    attribution: recording.label(place, branch, told),
  });
  if (unknownModel) findings.unknown.set(fact.model, priced.pricedAs);
  // The lines of one response follow each other: only the first of them can be news of a fork.
  if (thread?.lastRequestId !== fact.requestId) {
    linkFork(fact, session, outcome === 'duplicate', recording);
  }
  if (outcome !== 'duplicate') noteSettlement(session, fact.occurredAt, findings);
  recordThread(fact, owner, thread, outcome === 'recorded', recording);
  findings.toolUseIds.push(...fact.toolUseIds);
  if (outcome !== 'recorded') return false;
  countTokens(fact, usage, recording);
  updateSession(fact, place, branch, recording);
  return true;
}

/** Counts a request in the histograms that forecasts are made from. */
function countTokens(fact: RequestFact, usage: Usage, recording: Recording): void {
  const { store } = recording.deps;
  const sent = usage.inputTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const bucket = tokenBucket(usage.outputTokens);
  const isSame =
    fact.sessionId === recording.owners.sessionId && fact.model === recording.owners.model;
  if (!isSame) recording.owners = ownersOf(fact);
  const { owners } = recording;
  store.addToTokenHistogram(owners.session, bucket, 1);
  store.addToTokenHistogram(owners.ofModel, bucket, 1);
  store.addToTokenHistogram('machine', bucket, 1);
  store.addToTokenHistogram(owners.sent, tokenBucket(sent), 1);
}

function updateSession(
  fact: RequestFact,
  place: Place,
  branch: string | null,
  recording: Recording,
): void {
  const session = sessionOf(fact.sessionId, fact.occurredAt, recording);
  const updated: SessionRecord = {
    ...session,
    transcriptPath: session.transcriptPath ?? mainPathOf(fact, recording),
    cwd: session.cwd ?? fact.cwd,
    startedAt: Math.min(session.startedAt, fact.occurredAt || session.startedAt),
    lastSeenAt: Math.max(session.lastSeenAt, fact.occurredAt),
    repository: place.repository ?? session.repository,
    branch: branch ?? session.branch,
    developer: place.developer ?? session.developer,
  };
  writeSession(updated, recording);
}

/** The session's own transcript, when this is it. */
function mainPathOf(fact: RequestFact, { file, deps }: Recording): string | null {
  const isOwn = file.agentId === null && fact.copiedInto === null;
  return isOwn && deps.agent.sessionIdOf(file.path) === fact.sessionId ? file.path : null;
}

/** Notes which session this one was forked from: the last copied line names it. */
function linkFork(
  fact: RequestFact,
  session: SessionRecord,
  isKnown: boolean,
  recording: Recording,
): void {
  const { store } = recording.deps;
  const { toSettle, unreadParents } = recording.findings;
  const { sessionId: named, copiedInto, requestId, occurredAt } = fact;
  // Versions of the host that do not mark copies show another session's request as their own.
  const owner = isKnown && copiedInto === null ? (store.readOwner(requestId) ?? named) : named;
  const forked = copiedInto ?? named;
  if (owner !== forked) {
    const fork = sessionOf(forked, occurredAt, recording);
    if (fork.parentSessionId === owner) return;
    writeSession({ ...fork, parentSessionId: owner }, recording);
    toSettle.add(forked);
    if (store.readThread(owner, null) === null) unreadParents.add(owner);
  } else if (session.parentSessionId !== null && session.forkedAt === null) {
    writeSession({ ...session, forkedAt: occurredAt }, recording);
    toSettle.add(forked);
  } else if (isKnown) {
    // A fork's copy was recorded first; this is the session itself.
    toSettle.add(forked);
  }
}

/** A request from before the end of what the host's total covers changes what was hidden in it. */
function noteSettlement(session: SessionRecord, at: EpochMs, { toSettle }: Findings): void {
  const { sessionId, hostTotalNanoUsd, hostTotalUntil } = session;
  if (hostTotalNanoUsd === null) return;
  if (hostTotalUntil === null || at < hostTotalUntil) toSettle.add(sessionId);
}

function recordThread(
  fact: RequestFact,
  id: SessionId,
  known: ThreadRecord | null,
  isNew: boolean,
  { deps, agentType }: Recording,
): void {
  const isSame = known?.lastRequestId === fact.requestId;
  if (known && !isSame && !isNew && known.lastRequestAt > fact.occurredAt) return;
  const { usage } = fact.report;
  deps.store.writeThread({
    sessionId: id,
    agentId: fact.agentId,
    agentType,
    model: fact.model,
    contextTokens: promptTokens(usage),
    lastOutputTokens: usage.outputTokens,
    cacheLifetime: usage.cacheWrite1hTokens > usage.cacheWrite5mTokens ? '1h' : '5m',
    // Of the first line of a response, as in its entry, whichever line is read last.
    lastRequestAt: isSame ? known.lastRequestAt : fact.occurredAt,
    lastRequestId: fact.requestId,
    turnId: fact.turnId,
    toolUseIds: isSame ? joined(known.toolUseIds, fact.toolUseIds) : fact.toolUseIds,
  });
}

/** Records what a request that no line shows is estimated to have cost. */
function recordEstimate(fact: FactOf<'compaction' | 'search'>, recording: Recording): void {
  const { deps, now, findings } = recording;
  const session = sessionOf(fact.sessionId, fact.occurredAt, recording);
  if (!deps.store.readSession(session.sessionId)) deps.store.writeSession(session);
  deps.store.recordCorrection({
    kind: 'correction',
    reason: fact.kind === 'search' ? 'web-search' : 'compaction',
    entryId: entryId(`${fact.kind}:${fact.id}`),
    sessionId: session.sessionId,
    agentId: null,
    turnId: null,
    occurredAt: fact.occurredAt,
    recordedAt: now,
    costNanoUsd: estimatedCost(fact, deps),
    provenance: 'estimated',
    usage: { ...NO_USAGE, webSearchCount: fact.kind === 'search' ? fact.count : 0 },
    attribution: sessionLabels(session, deps.labels),
  });
  noteSettlement(session, fact.occurredAt, findings);
}

function estimatedCost(
  fact: FactOf<'compaction' | 'search'>,
  { store, pricer }: RecorderDeps,
): NanoUsd {
  if (fact.kind === 'search') return fact.count * SEARCH_NANO_USD;
  const model = store.readThread(fact.sessionId, null)?.model ?? 'default';
  const { cacheRead } = pricer.rates(model, fact.occurredAt);
  return Math.ceil((fact.contextTokens * cacheRead) / PICO_PER_NANO);
}

/** Whose histograms a request is counted in; see `Store.readTokenHistogram`. */
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

/** A session of which nothing is known yet. */
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
