// What happens at each moment of a session. Rule: every moment reads the new part of the transcript
// first; money is asked about wherever a request is about to be made.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import { formatUsd } from '../domain/money.ts';
import { ceilingOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import { ALLOW } from '../domain/verdict.ts';
import { type GateDeps, type Gated, gate, readingsOf, standingOf, touch } from './gate.ts';
import { guardedPath } from './guarded-files.ts';
import { type Ingested, ingestSession } from './ingest.ts';
import { settle } from './settle.ts';
import { spawnOf } from './spawn.ts';

export interface EventDeps extends GateDeps {
  /** Folders and files that only people may change. */
  readonly guardedFiles: readonly string[];
  /** Sleeps, blocking; the clock that goes with it. */
  readonly wait: (ms: number) => void;
  readonly clock: () => EpochMs;
}

const POLL_MS = 5;

const SILENT: Answer = { verdict: ALLOW, forPerson: null, forModel: null, reason: null };

/** Answers one event. Throws `ToolError` when the ledger or the transcript refuses. */
export function onEvent(event: AgentEvent, deps: EventDeps, now: EpochMs): Answer {
  switch (event.moment) {
    case 'before-tool':
      return beforeTool(event, deps, now);
    case 'prompt':
    case 'after-tools':
    case 'after-tool':
    case 'before-compaction':
      return deps.store.immediately(() => ask(event, deps, now).answer);
    case 'session-start':
      return deps.store.immediately(() => sessionStart(event, deps, now));
    case 'turn-end':
      return deps.store.immediately(() => turnEnd(event, deps, now));
    case 'subagent-start':
      return SILENT;
    case 'subagent-end':
      return deps.store.immediately(() => {
        ingest(event, deps, now);
        deps.store.release(event.sessionId, event.agentId);
        return SILENT;
      });
    case 'session-end':
      return deps.store.immediately(() => {
        ingest(event, deps, now);
        touch(event, deps, now);
        settle(event.sessionId, deps.store, deps.pricer, now);
        deps.store.releaseSession(event.sessionId);
        return SILENT;
      });
  }
}

function ingest(event: AgentEvent, deps: EventDeps, now: EpochMs): Ingested {
  if (event.transcriptPath === null) return { requestCount: 0, unknownModels: [] };
  const session = deps.store.readSession(event.sessionId);
  const head =
    session?.transcriptPath == null
      ? null
      : { repository: session.repository, branch: session.branch, since: session.lastSeenAt };
  return ingestSession(event.transcriptPath, deps, now, head);
}

function ask(event: AgentEvent, deps: EventDeps, now: EpochMs): Gated {
  const ingested = ingest(event, deps, now);
  if (event.moment === 'prompt') settle(event.sessionId, deps.store, deps.pricer, now);
  return askAfter(ingested, event, deps, now, true);
}

function askAfter(
  ingested: Ingested,
  event: AgentEvent,
  deps: EventDeps,
  now: EpochMs,
  isSettled: boolean,
): Gated {
  const spawn = event.tool === null ? null : spawnOf(event.tool, event.sessionId, deps, now);
  return gate({ event, now, ingested, isSettled, spawn }, deps);
}

/**
 * Before a tool the response that asked for it may not be in the transcript yet: it gets there some
 * milliseconds after the hook starts, or when the rest of the message has been written. Far from any
 * ceiling that does not matter; near one we wait for it, but never long.
 */
function beforeTool(event: AgentEvent, deps: EventDeps, startedAt: EpochMs): Answer {
  const guarded =
    event.tool === null ? null : guardedPath(event.tool, deps.guardedFiles, event.cwd);
  if (guarded !== null) return refuseGuarded(guarded, event);
  const deadline = startedAt + deps.config.waitMs;
  for (;;) {
    const now = deps.clock();
    const { answer, isNear } = deps.store.immediately(() => {
      const ingested = ingest(event, deps, now);
      return askAfter(ingested, event, deps, now, isToldOf(event, deps));
    });
    if (!isNear || now >= deadline) return answer;
    deps.wait(POLL_MS);
  }
}

/** Whether the response that asked for this tool is in the ledger. */
function isToldOf(event: AgentEvent, deps: EventDeps): boolean {
  const thread = deps.store.readThread(event.sessionId, event.agentId);
  return event.tool !== null && (thread?.toolUseIds.includes(event.tool.useId) ?? false);
}

function refuseGuarded(path: string, event: AgentEvent): Answer {
  const reason = `Tollgate refused this: ${path} is its own file, and only a person may change it.`;
  return {
    verdict: { kind: 'deny', breaches: [{ code: 'GUARDED_FILE', path }] },
    forPerson: `${reason} (${event.tool?.name ?? 'tool'})`,
    forModel: null,
    reason,
  };
}

function sessionStart(event: AgentEvent, deps: EventDeps, now: EpochMs): Answer {
  ingest(event, deps, now);
  touch(event, deps, now);
  settle(event.sessionId, deps.store, deps.pricer, now);
  return SILENT;
}

/** The turn is over: let go of what was held, and say in one line where the money stands. */
function turnEnd(event: AgentEvent, deps: EventDeps, now: EpochMs): Answer {
  ingest(event, deps, now);
  const session = touch(event, deps, now);
  deps.store.release(event.sessionId, event.agentId);
  const thread = deps.store.readThread(event.sessionId, event.agentId);
  const readings = readingsOf(standingOf(event, session, thread, deps, now), session, deps);
  const tightest = readings
    .flatMap((reading) => {
      const ceiling = ceilingOf(reading);
      return ceiling === null ? [] : [{ reading, ceiling }];
    })
    .sort((a, b) => left(a) - left(b))[0];
  if (!tightest) return SILENT;
  const { reading, ceiling } = tightest;
  const spent = reading.postedNanoUsd + reading.inheritedNanoUsd;
  return {
    ...SILENT,
    forPerson: `Tollgate: ${formatUsd(spent)} of ${formatUsd(ceiling)} (budget ${reading.budget.id}, ${reading.windowLabel})`,
  };
}

const left = ({
  reading,
  ceiling,
}: {
  reading: { postedNanoUsd: number; inheritedNanoUsd: number };
  ceiling: number;
}) => ceiling - reading.postedNanoUsd - reading.inheritedNanoUsd;
