// Posts to a web server that a person configured. Rule: a private address only where that is allowed; the address that was checked is the one
// that is connected to; no redirect is followed, since it could lead to any place.
import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { SECOND_MS } from '../domain/time.ts';
import { failed, SENT, type SendResult } from './channel.ts';
import { isPrivateAddress } from './private-address.ts';

/** What is posted, and where. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

interface Target {
  readonly address: string;
  readonly family: number;
}

/** Statuses after which the same request may succeed later. */
const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429]);
/** The receiver knows the delivery already. */
const KNOWN = 409;

/** What a name resolves to now. */
const addressesOf = (host: string): Promise<readonly Target[]> => lookup(host, { all: true });

/** Posts once; every answer of the world is a result. `isIdempotent`: the receiver knows deliveries by their id. */
export async function httpPost(
  post: Post,
  isIdempotent = false,
  lookUp: typeof addressesOf = addressesOf,
): Promise<SendResult> {
  const url = parseUrl(post.url);
  if (url === null) return failed('the address is not valid', true);
  if (url.protocol !== 'https:' && !post.allowPrivate) {
    return failed('the address is not https; "allowPrivate" allows that', true);
  }
  try {
    const target = await resolve(url.hostname.replace(/^\[|\]$/g, ''), lookUp);
    if (!post.allowPrivate && isPrivateAddress(target.address)) {
      return failed(`${url.hostname} is a private address; "allowPrivate" allows that`, true);
    }
    return resultOf(await answerTo(post, url, target), isIdempotent);
  } catch (error) {
    // Names no more than the host: the rest of an address may be a secret.
    const { code, message } = error as NodeJS.ErrnoException;
    const why = post.signal.aborted ? 'no answer in time' : (code ?? message);
    return failed(`${url.host}: ${why}`);
  }
}

function parseUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}

/** The address to connect to; of several, a private one counts for all. */
async function resolve(host: string, lookUp: typeof addressesOf): Promise<Target> {
  const family = isIP(host);
  if (family !== 0) return { address: host, family };
  const found = await lookUp(host);
  const target = found.find(({ address }) => isPrivateAddress(address)) ?? found[0];
  if (target === undefined) throw new Error('no address');
  return target;
}

interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

function answerTo(post: Post, url: URL, target: Target): Promise<HttpAnswer> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const body = Buffer.from(post.body);
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        headers: { 'user-agent': 'tollgate', 'content-length': body.length, ...post.headers },
        signal: post.signal,
        agent: false,
        // Whatever the name resolves to meanwhile, this is the address that was looked at.
        lookup: (_host, options, found) =>
          options.all ? found(null, [target]) : found(null, target.address, target.family),
      },
      (answer: IncomingMessage) => {
        const { statusCode = 0, headers } = answer;
        answer.on('error', () => {});
        answer.destroy();
        resolve({ status: statusCode, retryAfter: headers['retry-after'] });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

function resultOf({ status, retryAfter }: HttpAnswer, isIdempotent: boolean): SendResult {
  if ((status >= 200 && status < 300) || (isIdempotent && status === KNOWN)) return SENT;
  const isRedirect = status >= 300 && status < 400;
  const error = isRedirect
    ? `answered ${status}: redirects are not followed`
    : `answered ${status}`;
  return {
    ...{ kind: 'failed', error, retryAfterMs: delayOf(retryAfter, Date.now()) },
    isLasting: isRedirect || (status >= 400 && status < 500 && !RETRYABLE.has(status)),
  };
}

/** Seconds, or a date, as milliseconds from now; `null` where it says neither. */
function delayOf(retryAfter: string | undefined, now: number): number | null {
  if (retryAfter === undefined) return null;
  const ms = /^\d+$/.test(retryAfter.trim())
    ? Number(retryAfter) * SECOND_MS
    : Date.parse(retryAfter) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
