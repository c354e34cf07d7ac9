// The gate: may the next request be made? Rule: read, decide once, carry out, all inside one
// transaction of the ledger, so that any number of hooks at once pronounce one verdict.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import type { Config } from '../config/config.ts';
import { type Attribution, NO_ATTRIBUTION } from '../domain/attribution.ts';
import { type Decision, decide } from '../domain/decide.ts';
import { explain } from '../domain/explain.ts';
import type { TurnId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import { ceilingOf, type Reading, spendOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Breach } from '../domain/verdict.ts';
import type { SessionRecord, ThreadRecord } from '../stores/store.ts';
import { type IngestDeps, type Ingested, newSession } from './ingest.ts';
import { labelsOf } from './labels.ts';
import { forecastNext } from './next-request.ts';
import { poolOf, type Standing } from './pools.ts';

export interface GateDeps extends IngestDeps {
  readonly config: Config;
  /** The agent's own process; `null` when it does not say. */
  readonly clientPid: number | null;
}

/** What asking the gate brought: the answer, and whether to ask again when the transcript has grown. */
export interface Gated {
  readonly answer: Answer;
  /** The money at hand is so close to a ceiling that the response under way decides. */
  readonly isNear: boolean;
}

/** What the caller knows beside the event. */
export interface Question {
  readonly event: AgentEvent;
  readonly now: EpochMs;
  readonly ingested: Ingested;
  /** Whether the response that led here is in the ledger already. */
  readonly isSettled: boolean;
  /** What a tool about to run is expected to spend by itself; `null` for any that spends nothing. */
  readonly spawn: { readonly tool: string; readonly needNanoUsd: NanoUsd } | null;
}

/** Asks. Call inside `store.immediately`. */
export function gate(question: Question, deps: GateDeps): Gated {
  const { event, now } = question;
  const { store, config } = deps;
  const thread = store.readThread(event.sessionId, event.agentId);
  const session = touch(event, deps, now);
  const standing = standingOf(event, session, thread, deps, now);
  const readings = readingsOf(standing, session, deps);

  const next = forecastNext(
    thread,
    event.newBytes,
    { store, pricer: deps.pricer, safety: config.safety },
    now,
  );
  // A response that is not in the ledger yet may cost what was held for it; what follows it is asked
  // about again when its tools are done.
  const underWay = question.isSettled ? 0 : store.readReserved(event.sessionId, event.agentId, now);
  const need = question.isSettled ? next.holdNanoUsd : underWay;
  const decision = decide({
    now,
    sessionId: event.sessionId,
    readings,
    forecastNanoUsd: need,
    latch: store.readLatch(event.sessionId),
    unknownModel: config.haltOnUnknownModel ? (question.ingested.unknownModels[0] ?? null) : null,
    spawn: question.spawn,
  });
  const answer = carryOut(decision, standing, question, deps);
  const isNear =
    !question.isSettled &&
    decision.verdict.kind !== 'halt' &&
    isClose(readings, underWay + next.holdNanoUsd);
  return { answer, isNear };
}

function carryOut(
  decision: Decision,
  standing: Standing,
  question: Question,
  { store, config }: GateDeps,
): Answer {
  const { event, now } = question;
  const { verdict } = decision;
  const news: Breach[] = [];
  for (const due of decision.due) {
    if (!store.announce(due.windowKey, due.stage, now)) continue;
    if (verdict.breaches.includes(due.breach)) news.push(due.breach);
  }
  if (decision.releasesLatch) store.releaseLatch(event.sessionId, now);
  if (decision.latch) store.writeLatch(decision.latch);
  if (verdict.kind === 'halt') store.release(event.sessionId, event.agentId);
  else if (question.isSettled) {
    store.reserve({
      sessionId: event.sessionId,
      agentId: event.agentId,
      attribution: standing.attribution,
      turnId: event.turnId,
      amountNanoUsd: decision.reserveNanoUsd,
      madeAt: now,
      expiresAt: now + config.reservationMs,
    });
  }
  if (decision.due.length > 0 || decision.latch !== null || verdict.kind === 'deny') {
    const observed = decision.due.map((due) => due.breach);
    store.recordDecision({
      at: now,
      sessionId: event.sessionId,
      moment: event.moment,
      verdict: verdict.kind === 'allow' ? { kind: 'allow', breaches: observed } : verdict,
    });
  }
  return { verdict, ...explain(verdict, news, event.sessionId) };
}

/** Remembers that the session is alive, and where. */
export function touch(event: AgentEvent, deps: GateDeps, now: EpochMs): SessionRecord {
  const known = deps.store.readSession(event.sessionId);
  const place = deps.readPlace(event.cwd);
  const session: SessionRecord = {
    ...(known ?? newSession(event.sessionId, now)),
    transcriptPath: event.transcriptPath ?? known?.transcriptPath ?? null,
    cwd: known?.cwd ?? event.cwd,
    lastSeenAt: Math.max(now, known?.lastSeenAt ?? 0),
    repository: place.repository ?? known?.repository ?? null,
    // A worktree of a subagent's has a branch of its own, which is not the session's.
    branch: event.agentId === null || !known ? place.branch : known.branch,
    developer: place.developer ?? known?.developer ?? null,
    endedAt: event.moment === 'session-end' ? now : null,
    clientPid: deps.clientPid ?? known?.clientPid ?? null,
  };
  deps.store.writeSession(session);
  return session;
}

/** Where the asking thread stands, for scopes and periods. */
export function standingOf(
  event: Pick<AgentEvent, 'sessionId' | 'agentId' | 'agentType' | 'turnId' | 'cwd'>,
  session: SessionRecord,
  thread: ThreadRecord | null,
  deps: GateDeps,
  now: EpochMs,
): Standing {
  const place = deps.readPlace(event.cwd);
  const attribution: Attribution = {
    ...NO_ATTRIBUTION,
    ...labelsOf(place, deps.labels),
    model: thread?.model ?? null,
    agentType: event.agentType ?? thread?.agentType ?? null,
  };
  return {
    now,
    sessionId: session.sessionId,
    chain: [session.sessionId],
    turnId: event.turnId as TurnId | null,
    agentId: event.agentId,
    attribution,
  };
}

/** Every budget that has a say here, as it stands now. */
export function readingsOf(
  standing: Standing,
  session: SessionRecord,
  { store, config }: GateDeps,
): Reading[] {
  const { now } = standing;
  return config.budgets.flatMap((budget) => {
    const named = poolOf(budget, standing, store);
    if (named === null) return [];
    const { pool, label } = named;
    const spend = store.readPoolSpend(pool, standing, now);
    const isSession = budget.period.kind === 'session';
    return [
      {
        budget,
        windowKey: pool.key,
        windowLabel: label,
        window: pool.window,
        postedNanoUsd: spend.postedNanoUsd,
        inheritedNanoUsd: isSession ? session.inheritedNanoUsd : 0,
        reservedNanoUsd: spend.reservedNanoUsd,
        grantedNanoUsd: store
          .readGrants(pool.key, now)
          .reduce((sum, grant) => sum + grant.amountNanoUsd, 0),
        announced: store.readAnnounced(pool.key),
      },
    ];
  });
}

function isClose(readings: readonly Reading[], margin: NanoUsd): boolean {
  return readings.some((reading) => {
    const ceiling = ceilingOf(reading);
    return (
      ceiling !== null && reading.budget.mode === 'enforce' && spendOf(reading) + margin > ceiling
    );
  });
}
