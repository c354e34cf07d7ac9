// Has alerts sent, and metrics pushed, that are due. Rule: nothing of sending is loaded, and no process started, unless something is due; how fast money goes is
// looked at by the process that sends, once a minute at most.
import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type { AgentEvent } from '../agents/agent.ts';
import type { Config } from '../config/config.ts';
import { stateHome } from '../config/paths.ts';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Store } from '../stores/store.ts';
import { wakeTeam } from './wake-team.ts';

const LOOK_EVERY_MS = MINUTE_MS;

/** Starts what talks to others after an event: who sends alerts, and who talks to the team. Never throws. */
export function startSenders(
  { moment, cwd }: Pick<AgentEvent, 'moment' | 'cwd'>,
  config: Config,
  store: Pick<Store, 'hasAlertsDue' | 'readTeam'>,
  env: NodeJS.ProcessEnv,
): void {
  sendAlerts(config, store, env, cwd);
  if (moment !== 'before-tool') wakeTeam(store, env, cwd);
}

/** Starts the process that sends, where something is due and nobody sends yet, or rates are to be looked at. Never throws. */
export function sendAlerts(
  config: Config,
  store: Pick<Store, 'hasAlertsDue'>,
  env: NodeJS.ProcessEnv,
  cwd: string,
): void {
  const hasChannels = config.alerts.channels.length > 0;
  if (!hasChannels && !config.otlp) return;
  try {
    const now = Date.now();
    const home = stateHome(env);
    const isDue =
      (hasChannels && isLookDue(config, home, now)) ||
      (config.otlp && isStampOld(`${home}/metrics-pushed`, home, now)) ||
      (hasChannels && store.hasAlertsDue(now));
    if (!isDue) return;
    const { wakeSender } =
      require('../alerts/wake-sender.ts') as typeof import('../alerts/wake-sender.ts');
    wakeSender(`${import.meta.dirname}/../cli/main.js`, env, cwd);
  } catch {
    // What was decided stands, and the next event sends.
  }
}

/** Whether it is time to look at rates; of many who ask at once one is told so. */
function isLookDue({ alerts }: Config, home: string, now: number): boolean {
  const { runOutMs, burnNanoUsdPerHour, paceRatio, spikeRatio } = alerts;
  if ([runOutMs, burnNanoUsdPerHour, paceRatio, spikeRatio].every((each) => each === null)) {
    return false;
  }
  return isStampOld(`${home}/alerts-looked`, home, now);
}

/** Whether a minute has passed since this was said last; of many who ask at once one is told so. */
function isStampOld(stamp: string, home: string, now: number): boolean {
  const lookedAt = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
  if (lookedAt !== undefined && Math.abs(now - lookedAt) < LOOK_EVERY_MS) return false;
  if (lookedAt === undefined) {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(stamp, '', { mode: 0o600 });
  } else utimesSync(stamp, now / SECOND_MS, now / SECOND_MS);
  return true;
}
