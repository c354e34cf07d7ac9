// The terms of a client, from what the configuration says of it and of all clients. Rule: pure; what nobody says is billed at cost, in dollars.
import type { ClientTerms, DatedRate, StatementSettings } from '../domain/billing.ts';
import { TollgateError } from '../errors.ts';
import { dateText } from '../reports/local-time.ts';

const DEFAULTS: Omit<ClientTerms, 'timeZone'> = {
  title: null,
  address: [],
  reference: null,
  language: 'en',
  currency: 'USD',
  charge: { kind: 'cost', markUpPpm: 0, developers: {} },
  discounts: [],
  taxes: [],
  rounding: 'total',
  lines: 'repository',
};

/** `timeZone`: what holds where nobody names one for the client. */
export function termsOf(
  client: string,
  { clients }: Pick<StatementSettings, 'clients'>,
  timeZone: string,
): ClientTerms {
  const own = Object.hasOwn(clients, client) ? clients[client] : {};
  return { ...DEFAULTS, timeZone, ...clients['*'], ...own };
}

/**
 * The rate that was in force when a period ended: the latest that is not dated after its last moment; `null` for dollars.
 * Throws `TollgateError` `RATE_MISSING`.
 */
export function rateAt(
  currency: string,
  endAt: number,
  { rates }: Pick<StatementSettings, 'rates'>,
): DatedRate | null {
  if (currency === 'USD') return null;
  const lastDay = dateText(Math.floor((endAt - 1) / 86_400_000));
  const found = rates
    .filter((rate) => rate.currency === currency && rate.on <= lastDay)
    .reduce<DatedRate | null>((best, rate) => (best && best.on >= rate.on ? best : rate), null);
  if (found) return found;
  throw new TollgateError({
    code: 'RATE_MISSING',
    message: `there is no rate of ${currency} of ${lastDay} or before`,
    hint: `add it to "statements": {"rates": [{"currency": "${currency}", "on": "${lastDay}", "rate": "…"}]} in your own file`,
  });
}
