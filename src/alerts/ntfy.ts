// The channel of ntfy. Rule: the message is sent as JSON, so that nothing in it can become a header.
// Source: docs.ntfy.sh/publish (publish as JSON, access tokens), 2026-11-28.
import type { NtfySettings } from '../config/config.ts';
import type { Channel, Message } from './channel.ts';
import { httpPost } from './http-post.ts';
import { bodyText, cutText } from './wording.ts';

/** Longer than 4,096 bytes becomes a file to download. */
const MAX_LENGTH = 2_000;
const HIGH_PRIORITY = 4;

/** What is published. */
export function ntfyBody(message: Message): object {
  const { title, alerts } = message;
  const isUrgent = alerts.some(({ alert }) =>
    ['GUARD_LOST', 'EVENT_FORGED', 'SESSION_HALTED'].includes(alert.code),
  );
  return {
    ...{ title, message: cutText(bodyText(message), MAX_LENGTH) || title },
    ...(isUrgent ? { priority: HIGH_PRIORITY } : {}),
  };
}

/** Publishes to a topic. */
export const ntfy: Channel<NtfySettings> = async (message, settings, { readSecret, signal }) => {
  const token = settings.token === null ? null : await readSecret(settings.token);
  const body = { topic: await readSecret(settings.topic), ...ntfyBody(message) };
  return httpPost({
    url: settings.server,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    allowPrivate: settings.allowPrivate,
    signal,
  });
};
