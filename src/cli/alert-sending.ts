// Sending from the command line: the world that channels and the sender work in, and starting the sender after a command.
import { randomUUID } from 'node:crypto';
import type { AlertRecord } from '../alerts/alert.ts';
import type { ChannelDeps, Message, Place, SendResult } from '../alerts/channel.ts';
import { send } from '../alerts/channels.ts';
import { readSecret } from '../alerts/secrets.ts';
import type { ChannelSettings } from '../config/config.ts';
import { shortId } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import { terminalDeviceOf } from '../runtime/processes.ts';
import type { Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';
import { titleOf } from './session-name.ts';

/** An attempt takes no longer. */
const ATTEMPT_MS = 8 * SECOND_MS;

/** Where an alert happened, as people know it. */
export function placeReaderOf(store: Pick<Store, 'readSession'>): (alert: AlertRecord) => Place {
  return ({ sessionId }) => {
    const session = sessionId === null ? null : store.readSession(sessionId);
    return {
      title: session === null ? null : titleOf(session),
      repository: session?.repository ?? null,
      branch: session?.branch ?? null,
      session: sessionId === null ? null : shortId(sessionId),
    };
  };
}

/** Sends a message on a channel, once. Throws `TollgateError` where a secret is not there. */
export function sendOn(
  settings: ChannelSettings,
  message: Message,
  store: Pick<Store, 'readSession'> | null,
  { env }: CliContext,
): Promise<SendResult> {
  const deps: ChannelDeps = {
    env,
    readSecret: (place) => readSecret(place, env),
    terminalsOf: ({ alerts }) => terminalsOf(alerts, store),
    signal: AbortSignal.timeout(ATTEMPT_MS),
  };
  return send(message, settings, deps);
}

/** The terminals in which the sessions of these alerts run; the own one where they are of none. */
function terminalsOf(
  alerts: readonly AlertRecord[],
  store: Pick<Store, 'readSession'> | null,
): readonly string[] {
  const pids = alerts.flatMap(({ sessionId }) =>
    sessionId === null ? [process.pid] : (store?.readSession(sessionId)?.hostPid ?? []),
  );
  const devices = [...new Set(pids)].map(terminalDeviceOf);
  return [...new Set(devices.filter((each) => each !== null))];
}

export const newDeliveryId = (): string => randomUUID();
