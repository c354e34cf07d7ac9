// A message as programs get it, on a webhook or a command's stdin: schema `tollgate/alert-message@1`. Rule: keys are only ever added.
import type { Message } from './channel.ts';
import { plainText } from './wording.ts';

/** The JSON text. */
export function messageJson(message: Message): string {
  const { deliveryId, sentAt, title, alerts } = message;
  return JSON.stringify({
    schema: 'tollgate/alert-message@1',
    deliveryId,
    sentAt,
    title,
    text: plainText(message),
    alerts: alerts.map(({ alertId, alert, sessionId, raisedAt }) => ({
      ...{ id: alertId, sessionId, raisedAt },
      ...alert,
    })),
  });
}
