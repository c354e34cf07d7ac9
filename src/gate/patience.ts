// Waiting for the line of a response that is on its way into the transcript. Rule: nothing is waited for
// inside a transaction, nothing longer than the configuration says, and only while a file may still grow.
import { statSync } from 'node:fs';
import type { Agent, AgentEvent } from '../agents/agent.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Store } from '../stores/store.ts';

export interface PatienceDeps {
  readonly agent: Agent;
  readonly store: Store;
  readonly config: { readonly waitMs: number };
  /** Sleeps, blocking; the clock that goes with it. */
  readonly wait: (ms: number) => void;
  readonly clock: () => EpochMs;
}

const POLL_MS = 5;

/**
 * Tries inside the ledger's transaction, again whenever the session's files have grown, until an attempt
 * gives something. The last attempt is told that it may not wait, and must.
 */
export function whenTold<T>(
  event: AgentEvent,
  deps: PatienceDeps,
  startedAt: EpochMs,
  attempt: (now: EpochMs, mayWait: boolean) => T | null,
): T {
  const deadline = startedAt + deps.config.waitMs;
  for (let now = startedAt; ; now = deps.clock()) {
    const seenBytes = transcriptBytes(event, deps);
    const result = deps.store.immediately(() => attempt(now, now < deadline));
    if (result !== null) return result;
    while (transcriptBytes(event, deps) === seenBytes && deps.clock() < deadline) {
      deps.wait(POLL_MS);
    }
  }
}

function transcriptBytes({ transcriptPath }: AgentEvent, { agent }: PatienceDeps): number {
  if (transcriptPath === null) return 0;
  return agent
    .transcriptFiles(transcriptPath)
    .reduce((sum, { path }) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}
