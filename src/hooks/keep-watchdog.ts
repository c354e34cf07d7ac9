// Sees to it that a client whose session has a ceiling has its watchdog. Rule: a watchdog that is gone is started again and told; one that
// was ended more than once counts as a guard that is lost.

import type { AgentEvent, Answer, Moment } from '../agents/agent.ts';
import { projectFolderOf } from '../agents/claude-code/environment.ts';
import type { Config } from '../config/config.ts';
import { toPerson } from '../domain/breach-text.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Breach } from '../domain/verdict.ts';
import { markTold, readLosses } from '../gate/guard-loss.ts';
import { identityOf } from '../runtime/processes.ts';
import type { Store } from '../stores/store.ts';
import { hasKeyboard } from '../wire.ts';
import { isWatched } from './watchdog-sign.ts';

/** Moments at which a watchdog is looked for; before a tool there is no time for it. */
const LOOKS: ReadonlySet<Moment> = new Set<Moment>([
  'session-start',
  'prompt',
  'after-tool',
  'after-tools',
  'turn-end',
]);
/** Of these moments a halt stops the next request. */
const STOPS: ReadonlySet<Moment> = new Set<Moment>(['prompt', 'after-tool', 'after-tools']);

/** Started once, and again after it was ended twice. */
const MAX_STARTS = 3;

const STARTED_AGAIN =
  'Tollgate: the watchdog of this session was gone, though nothing of Tollgate had ended it; it was started again.';

interface WatchdogDeps {
  readonly config: Config;
  readonly stateHome: string;
  readonly store: Store;
  readonly hostPid: number | null;
}

/** The answer, with what a missing watchdog adds to it. */
export function withWatchdog(
  answered: Answer,
  event: AgentEvent,
  { config, stateHome, store, hostPid }: WatchdogDeps,
  env: NodeJS.ProcessEnv,
  now: EpochMs,
): Answer {
  if (!LOOKS.has(event.moment) || hostPid === null) return answered;
  const { onGuardLost } = config;
  if (!config.budgets.some(({ mode, hardNanoUsd }) => mode === 'enforce' && hardNanoUsd !== null)) {
    return answered;
  }
  if (isWatched(stateHome, hostPid)) return answered;
  const hostIdentity = identityOf(hostPid);
  const { startWatchdog } = require('./start-watchdog.ts') as typeof import('./start-watchdog.ts');
  const folder = projectFolderOf(env, event.cwd);
  if (!startWatchdog({ stateHome, hostPid, hostIdentity, onGuardLost, folder }, env))
    return answered;
  const startCount = countStart(`${hostPid}-${hostIdentity}`, store, now);
  if (startCount === 1) return answered;
  if (startCount < MAX_STARTS) return told(answered, STARTED_AGAIN);
  const breach: Breach = { code: 'GUARD_LOST', lost: 'watchdog', stoppedPid: null };
  const said = toPerson(breach, event.sessionId);
  const { kind, breaches } = answered.verdict;
  const halts = onGuardLost === 'halt' && STOPS.has(event.moment) && kind !== 'halt';
  if (!halts) return told(answered, said);
  const verdict = { kind: 'halt', breaches: [breach, ...breaches] } as const;
  store.immediately(() =>
    store.recordDecision({ at: now, sessionId: event.sessionId, moment: event.moment, verdict }),
  );
  return { ...told(answered, said), verdict, reason: said };
}

/** What a person is told of guards that were lost since somebody looked; `null`: nothing. A run without a keyboard tells nobody. */
export function lossRemark(stateHome: string, env: NodeJS.ProcessEnv): string | null {
  const losses = readLosses(stateHome);
  const untold = losses.filter(({ toldAt }) => toldAt === undefined);
  if (untold.length === 0) return null;
  if (hasKeyboard(env)) for (const loss of losses) markTold(stateHome, loss, Date.now());
  return untold
    .map(
      ({ breach, sessionId, lostAt }) =>
        `${new Date(lostAt).toISOString()} ${toPerson(breach, sessionId as SessionId)}`,
    )
    .join('\n');
}

/** How often a client's watchdog was started, this time included. */
function countStart(client: string, store: Store, now: EpochMs): number {
  return store.immediately(() => {
    let count = 1;
    while (
      count < MAX_STARTS &&
      !store.announce(`watchdog ${count}|client ${client}`, 'hard', now)
    ) {
      count += 1;
    }
    return count;
  });
}

const told = (answered: Answer, text: string): Answer => ({
  ...answered,
  forPerson: [answered.forPerson, text].filter(Boolean).join('\n'),
});
