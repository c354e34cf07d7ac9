// Sending from the command line: the world that channels and the sender work in, and starting the sender after a command.
import { randomUUID } from 'node:crypto';
import type { AlertRecord } from '../alerts/alert.ts';
import type { ChannelDeps, Message, Place, SendResult } from '../alerts/channel.ts';
import { send } from '../alerts/channels.ts';
import { readSecret } from '../alerts/secrets.ts';
import { runSender } from '../alerts/sender.ts';
import type { ChannelSettings, Config } from '../config/config.ts';
import { nearestWord } from '../domain/did-you-mean.ts';
import { shortId } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
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

/** Sends what is in the outbox, unless somebody does already. */
export function sendOutbox(
  store: Store,
  { alerts: settings, timeZone }: Config,
  context: CliContext,
): Promise<void> {
  return runSender({
    ...{ store, settings, timeZone, owner: newDeliveryId(), newId: newDeliveryId },
    ...{ clock: Date.now, random: Math.random, placeOf: placeReaderOf(store) },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    send: (name, message) => {
      const channel = settings.channels.find((each) => each.name === name);
      return channel ? sendOn(channel, message, store, context) : null;
    },
  });
}

/** The channels of these names; without any, all. Throws `TollgateError` where there is none. */
export function chosenChannels(
  channels: readonly ChannelSettings[],
  names: readonly string[],
): readonly ChannelSettings[] {
  const known = channels.map(({ name }) => name);
  if (known.length === 0) {
    throw new TollgateError({
      code: 'NO_CHANNELS',
      message: 'no channel is configured',
      hint: 'add one under "alerts" in your own configuration file, see docs/alerts.md',
    });
  }
  for (const name of names.filter((each) => !known.includes(each))) {
    const meant = nearestWord(name, known);
    throw new TollgateError({
      code: 'CHANNEL_UNKNOWN',
      message: `there is no channel ${name}`,
      hint: meant === null ? `there are: ${known.join(', ')}` : `did you mean ${meant}?`,
    });
  }
  return names.length === 0 ? channels : channels.filter(({ name }) => names.includes(name));
}

export const newDeliveryId = (): string => randomUUID();
