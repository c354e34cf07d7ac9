// Remembers with every event that its session is alive, where, and what it belongs to. Rule: what an event does not know
// stays as it was.
import type { AgentEvent, Moment } from '../agents/agent.ts';
import type { Place } from '../attribution/source.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { newSession } from '../ingest/record-fact.ts';
import type { SessionRecord } from '../stores/store.ts';
import type { GateDeps } from './types.ts';

/** Moments at which it is asked what a session was started from. */
const BEGINS: ReadonlySet<Moment> = new Set<Moment>(['session-start', 'prompt']);

/** Remembers that the session is alive, and where; with its first event also the run it belongs to. */
export function recordActivity(event: AgentEvent, deps: GateDeps, now: EpochMs): SessionRecord {
  const known = deps.store.readSession(event.sessionId);
  const place = deps.readPlace(event.cwd);
  const session: SessionRecord = {
    ...(known ?? newSession(event.sessionId, now)),
    transcriptPath: event.transcriptPath ?? known?.transcriptPath ?? null,
    cwd: known?.cwd ?? event.cwd,
    lastSeenAt: Math.max(now, known?.lastSeenAt ?? 0),
    repository: place.repository ?? known?.repository ?? null,
    branch: branchNow(event, place, known),
    developer: place.developer ?? known?.developer ?? null,
    endedAt: event.moment === 'session-end' ? now : null,
    hostPid: deps.hostPid ?? known?.hostPid ?? null,
  };
  deps.store.writeSession(session);
  if (BEGINS.has(event.moment)) nestInOuter(event.sessionId, deps, now);
  if (deps.runId !== null) joinRun(deps.runId, event.sessionId, deps, now);
  return session;
}

/** A session that a tool of another one has started draws on that one's ceilings. */
function nestInOuter(id: SessionId, { store, findOuter }: GateDeps, now: EpochMs): void {
  const outer = findOuter();
  if (outer === null || outer === id || store.readOuter(id) !== null) return;
  for (let each = store.readOuter(outer); each !== null; each = store.readOuter(each)) {
    if (each === id) return;
  }
  store.nestSession(id, outer, now);
}

/** A worktree of a subagent's has a branch of its own, which is not the session's. */
function branchNow(
  { agentId }: AgentEvent,
  place: Place,
  known: SessionRecord | null,
): string | null {
  const isOther = agentId !== null || place.isHeadUnknown === true;
  return isOther && known ? known.branch : place.branch;
}

/** A session that begins under a run goes on from the run's session before it. */
function joinRun(runId: string, id: SessionId, { store }: GateDeps, now: EpochMs): void {
  const others = store.readRun(runId);
  if (others.includes(id)) return;
  const previousId = others.at(-1);
  // One that has spent before is a session of its own, with a ceiling of its own.
  if (previousId !== undefined && store.readThread(id, null) === null) {
    store.linkSession({ sessionId: id, previousId, reason: 'run' });
  }
  store.joinRun(runId, id, now);
}
