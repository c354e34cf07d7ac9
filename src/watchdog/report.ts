// What a watchdog does with the ledger once hooks are missing: writes the loss down, counts what is spent, and asks the gate in the hooks' place.
// Rule: loaded only then, so that a watchdog that has nothing to say stays small.
import { enqueueAlert } from '../alerts/alert.ts';
import type { SessionId } from '../domain/ids.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { GuardLoss } from '../gate/guard-loss.ts';
import { onEvent } from '../gate/on-event.ts';
import { readAnew } from '../gate/rewritten-transcript.ts';
import { readConfigFor } from '../hooks/event-config.ts';
import { sendAlerts } from '../hooks/send-alerts.ts';
import type { WatchdogTask } from '../hooks/start-watchdog.ts';
import { rulesInSession } from '../ingest/attribution-labels.ts';
import { openLedger, wireEvents } from '../wire.ts';

export { runsHooksIn } from '../wire.ts';

/** A session as its notes name it. */
export interface WatchedSession {
  readonly sessionId: SessionId;
  readonly transcriptPath: string;
}

/** Writes a loss into the ledger, for `why` and the alerts. Throws what the ledger throws. */
export function recordLoss(loss: GuardLoss, task: WatchdogTask, env: NodeJS.ProcessEnv): void {
  const { breach, lostAt } = loss;
  const sessionId = loss.sessionId as SessionId;
  const { config } = readConfigFor(task.folder, env);
  const store = openLedger(task.stateHome, env);
  try {
    store.immediately(() => {
      const kind = breach.stoppedPid === null ? 'warn' : 'halt';
      store.recordDecision({
        ...{ at: lostAt, sessionId, moment: 'watchdog' },
        verdict: { kind, breaches: [breach] },
      });
      const detail = breach.stoppedPid === null ? null : `process ${breach.stoppedPid}`;
      const alert = { code: 'GUARD_LOST', cause: breach.lost, detail } as const;
      const onceKey = `GUARD_LOST|${loss.sessionId}|${breach.lost}|${lostAt}`;
      enqueueAlert({ alert, onceKey }, sessionId, { store, config }, lostAt);
    });
    // No hook may come by that would.
    sendAlerts(config, store, env, task.folder);
  } finally {
    store.close();
  }
}

/** Counts what a session has spent and asks whether its next request may be made, as a hook would. False: it may not. */
export function mayGoOn(
  { sessionId, transcriptPath }: WatchedSession,
  task: WatchdogTask,
  env: NodeJS.ProcessEnv,
  now: EpochMs,
): boolean {
  const { config } = readConfigFor(task.folder, env);
  const store = openLedger(task.stateHome, env);
  try {
    const wired = wireEvents(store, config, env, task.folder);
    const deps = { ...wired, labels: rulesInSession(config, env) };
    const { verdict } = onEvent(
      {
        ...{ moment: 'after-tools', sessionId, transcriptPath, cwd: task.folder },
        ...{ agentId: null, agentType: null, turnId: null, tool: null, toolUseIds: [], calls: [] },
        ...{ newTokens: null, source: null, prompt: null, isFromPerson: false, lastWords: null },
      },
      deps,
      now,
    );
    return verdict.kind !== 'halt';
  } finally {
    store.close();
  }
}

/** Has transcripts of a session that were changed where they had been read be read anew, and writes it down; what to tell of it. */
export function recordRewritten(
  { sessionId, transcriptPath }: WatchedSession,
  paths: readonly string[],
  task: WatchdogTask,
  env: NodeJS.ProcessEnv,
): string | null {
  const { config } = readConfigFor(task.folder, env);
  const store = openLedger(task.stateHome, env);
  try {
    const wired = wireEvents(store, config, env, task.folder);
    const deps = { ...wired, labels: rulesInSession(config, env) };
    const event = { sessionId, transcriptPath, moment: 'watchdog' };
    return readAnew(event, paths, deps, Date.now());
  } finally {
    store.close();
  }
}

/** Whether the ledger has heard of an event of this client. */
export function hasEventOf(hostPid: number, task: WatchdogTask): boolean {
  const store = openLedger(task.stateHome, process.env);
  try {
    const sinceAt = Date.now() - DAY_MS;
    return store.readSessions({ sinceAt }).some((session) => session.hostPid === hostPid);
  } finally {
    store.close();
  }
}
