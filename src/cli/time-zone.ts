// The time zone that `--timezone` names.
import { TollgateError } from '../errors.ts';

/** The zone named, else the configured one. Throws `TollgateError` `ZONE_UNKNOWN`. */
export function parseZone(value: unknown, configured: string): string {
  if (typeof value !== 'string') return configured;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: value });
    return value;
  } catch (cause) {
    throw new TollgateError({
      code: 'ZONE_UNKNOWN',
      message: `--timezone must be a time zone, not ${value}`,
      hint: 'give an IANA name like Europe/Berlin or UTC',
      cause,
    });
  }
}
