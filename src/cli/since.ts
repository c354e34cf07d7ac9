// Parses `--since`: from words like `7d` or `2026-11-01` to an instant. Rule: a date is the start of that day in UTC, because that
// is how the provider's bill and `--at` count; a span is counted back from now.
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { parseSpan } from '../reports/time-range.ts';

const UNITS: Readonly<Record<string, number>> = {
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

/** The instant meant; throws `TollgateError` `BAD_DATE` for anything else. */
export function parseSince(text: string, now: EpochMs): EpochMs {
  const span = /^(\d{1,5})([mhdw])$/.exec(text);
  if (span) return now - Number(span[1]) * (UNITS[span[2] ?? ''] ?? 0);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  try {
    return parseSpan(text, undefined, now, 'UTC').startAt;
  } catch (cause) {
    throw new TollgateError({
      code: 'BAD_DATE',
      message: `--since ${text} is not a span or a date`,
      hint: 'give a span like 12h, 7d or 4w, a date like 2026-11-01, or words like yesterday or last-week',
      cause,
    });
  }
}
