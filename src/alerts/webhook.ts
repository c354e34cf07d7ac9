// The channel of a webhook of one's own. Rule: the signature covers the time stamp and the very bytes of the body, so that whoever receives
// them can refuse what is forged or old, and drop what it has by the delivery's id.
import { createHmac } from 'node:crypto';
import type { WebhookSettings } from '../config/config.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { Channel } from './channel.ts';
import { httpPost } from './http-post.ts';
import { messageJson } from './message-json.ts';

/** Posts the message as JSON, signed. */
export const webhook: Channel<WebhookSettings> = async (message, settings, deps) => {
  const body = messageJson(message);
  const timestamp = String(Math.floor(message.sentAt / SECOND_MS));
  const secret = await deps.readSecret(settings.secret);
  return httpPost(
    {
      url: settings.url,
      headers: {
        'content-type': 'application/json',
        'tollgate-delivery': message.deliveryId,
        'tollgate-timestamp': timestamp,
        'tollgate-signature': `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
      },
      body,
      allowPrivate: settings.allowPrivate,
      signal: deps.signal,
    },
    true,
  );
};
