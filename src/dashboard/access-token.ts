// The secret that opens a dashboard. Rule: made at each start, held in memory alone, compared in constant time.
import { randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN_BYTES = 32;

/** Letters that stand for 256 random bits, fit for an address. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** Whether an `Authorization` header holds the token; the header's length alone may show in the time it takes. */
export function bearsToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(/^Bearer ([\w-]{1,200})$/.exec(header ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
