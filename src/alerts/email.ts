// The channel of e-mail, by SMTP. Rule: without TLS nothing is sent unless a person said so; the same delivery has the same Message-ID, by which
// mail programs drop a second copy.
import nodemailer from 'nodemailer';
import type { EmailSettings } from '../config/config.ts';
import { SECOND_MS } from '../domain/time.ts';
import { type Channel, failed, SENT } from './channel.ts';
import { htmlText } from './html.ts';
import { plainText } from './wording.ts';

const TIMEOUT_MS = 8 * SECOND_MS;
/** Answers of a server that say: try again later. */
const isTemporary = (status: number | undefined): boolean =>
  status === undefined || (status >= 400 && status < 500);

/** Sends one mail. */
export const email: Channel<EmailSettings> = async (message, settings, { readSecret, signal }) => {
  const { host, port, tls, user, from, to } = settings;
  const pass = settings.password === null ? null : await readSecret(settings.password);
  const transport = nodemailer.createTransport({
    ...{ host, port, secure: tls === 'implicit' },
    ...{ requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    ...(user === null || pass === null ? {} : { auth: { user, pass } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const close = () => transport.close();
  signal.addEventListener('abort', close);
  try {
    await transport.sendMail({
      ...{ from, to: [...to], subject: message.title, date: new Date(message.sentAt) },
      messageId: `<${message.deliveryId}@tollgate.invalid>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Tollgate-Delivery': message.deliveryId },
      ...{ text: plainText(message), html: htmlText(message) },
    });
    return SENT;
  } catch (error) {
    const { code, responseCode } = error as { code?: string; responseCode?: number };
    const why = responseCode === undefined ? (code ?? 'failed') : `answered ${responseCode}`;
    return failed(`${host}:${port}: ${why}`, code === 'EAUTH' || !isTemporary(responseCode));
  } finally {
    signal.removeEventListener('abort', close);
    transport.close();
  }
};
