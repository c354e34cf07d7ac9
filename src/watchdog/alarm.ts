// What happens when the guard of a session is lost: it is told on every way there is, and by policy the client is interrupted, again and
// harder while it goes on. Rule: nothing here depends on a ledger that works.
import { toPerson } from '../domain/breach-text.ts';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';
import type { GuardPart } from '../domain/verdict.ts';
import { type GuardLoss, writeLoss } from '../gate/guard-loss.ts';
import type { WatchdogTask } from '../hooks/start-watchdog.ts';
import { wasUninstalled } from '../wire.ts';
import { type KnownProcess, signal } from './host-process.ts';
import type { WatchedSession } from './report.ts';
import { tellPerson } from './tell-person.ts';

/** A client that was interrupted needs a moment to end its turn. */
const BETWEEN_SIGNALS_MS = 1.5 * SECOND_MS;
/** Interrupted so often, a client that goes on is ended. */
const MAX_INTERRUPTS = 2;

export interface Alarm {
  /** Something of a session was done without hooks. `culprit`: the client that did it. */
  readonly raise: (
    lost: GuardPart,
    session: WatchedSession,
    culprit: KnownProcess,
    now: EpochMs,
  ) => void;
  /** Whether the gate would halt a session whose hooks do not ask it. */
  readonly isOver: (session: WatchedSession, now: EpochMs) => boolean;
  /** Hooks of a session run. */
  readonly end: (sessionId: string, now: EpochMs) => void;
}

interface Raised {
  readonly loss: GuardLoss;
  signalCount: number;
  signalledAt: EpochMs;
}

/** An alarm for the sessions of one client. */
export function createAlarm(task: WatchdogTask, env: NodeJS.ProcessEnv): Alarm {
  const { stateHome, hostPid, onGuardLost } = task;
  const startedAt = Date.now();
  const raised = new Map<string, Raised>();
  const interrupt = (each: Raised, culprit: KnownProcess, now: EpochMs) => {
    if (now - each.signalledAt < BETWEEN_SIGNALS_MS) return;
    signal(culprit, each.signalCount < MAX_INTERRUPTS ? 'SIGINT' : 'SIGTERM');
    each.signalCount += 1;
    each.signalledAt = now;
  };
  return {
    raise: (lost, session, culprit, now) => {
      const { sessionId } = session;
      const key = lost !== 'nested-client' ? sessionId : `${sessionId} ${culprit.pid}`;
      // A person who takes the hooks out is told; the gate is asked all the same.
      const halts = onGuardLost === 'halt' && !wasUninstalled(stateHome, startedAt);
      const known = raised.get(key);
      const stoppedPid = halts ? culprit.pid : null;
      const breach = { code: 'GUARD_LOST', lost, stoppedPid } as const;
      const loss = {
        schema: 'tollgate/guard-lost@1',
        sessionId,
        lostAt: now,
        backAt: null,
        breach,
      } as const;
      const each = known ?? { loss, signalCount: 0, signalledAt: 0 };
      raised.set(key, each);
      // Stopped first: telling takes a while.
      if (halts || isOver(session, task, env, now)) interrupt(each, culprit, now);
      if (known !== undefined) return;
      writeLoss(stateHome, loss);
      tellPerson(hostPid, toPerson(breach, sessionId), env);
      record(loss, task, env);
    },
    isOver: (session, now) => isOver(session, task, env, now),
    end: (sessionId, now) => {
      const known = raised.get(sessionId);
      if (known === undefined) return;
      raised.delete(sessionId);
      writeLoss(stateHome, { ...known.loss, backAt: now });
    },
  };
}

type Report = typeof import('./report.ts');
const report = (): Report => require('./report.ts') as Report;

/** Whether the gate would halt a session whose hooks do not ask it. */
function isOver(
  session: WatchedSession,
  task: WatchdogTask,
  env: NodeJS.ProcessEnv,
  now: EpochMs,
): boolean {
  try {
    return !report().mayGoOn(session, task, env, now);
  } catch {
    return true; // what is spent is not known, and nobody asks before it is spent
  }
}

function record(loss: GuardLoss, task: WatchdogTask, env: NodeJS.ProcessEnv): void {
  try {
    report().recordLoss(loss, task, env);
  } catch {
    // The file beside the ledger stays until somebody was told.
  }
}
