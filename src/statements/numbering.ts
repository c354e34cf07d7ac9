// Numbers of statements. Rule: the statements of one series (a pattern whose other parts are filled in) are numbered without a gap.
import { TollgateError } from '../errors.ts';

const SEQUENCE = /\{sequence(?::(\d))?\}/;

/** A pattern without its sequence: `{year}-{sequence:4}` → `2026-{sequence:4}`. */
export function seriesOf(pattern: string, client: string, date: string): string {
  const slug = client
    .normalize('NFKD')
    .replace(/[^\w]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toUpperCase();
  return pattern
    .replaceAll('{year}', date.slice(0, 4))
    .replaceAll('{month}', date.slice(5, 7))
    .replaceAll('{client}', slug || 'CLIENT');
}

/** The number of a statement with so many before it in its series; never one of `taken`. Throws `TollgateError` `NUMBER_TAKEN`. */
export function numberIn(series: string, earlierCount: number, taken: readonly string[]): string {
  const number = series.replace(SEQUENCE, (_, width?: string) =>
    String(earlierCount + 1).padStart(Number(width ?? 1), '0'),
  );
  if (!taken.includes(number)) return number;
  throw new TollgateError({
    code: 'NUMBER_TAKEN',
    message: `there is a statement ${number} already`,
    hint: 'give "statements": {"number": …} in your own file a pattern that makes other numbers',
  });
}
