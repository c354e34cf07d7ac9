// The spellings of what bills are configured with: shares, amounts, rates, dates, currencies, number patterns. Rule: pure; every function gives a
// canonical value, or says what is wrong and what would be right.
import { parseUsd } from '../domain/money.ts';
import type { ParsedValue } from './value-parsers.ts';

const right = <T>(value: T): ParsedValue<T> => ({ ok: true, value });
const wrong = (message: string, hint: string) => ({ ok: false, message, hint }) as const;

/** A share as text, `"19%"` or `"0.19"` → whole millionths; zero is a share. */
export function parseSharePpm(value: unknown): ParsedValue<number> {
  const match = /^\s*(\d{1,4})(?:\.(\d{1,6}))?\s*(%?)\s*$/.exec(String(value));
  const decimals = match?.[3] === '%' ? 4 : 6;
  const fraction = match?.[2] ?? '';
  if (typeof value === 'string' && match !== null && fraction.length <= decimals) {
    return right(Number(match[1]) * 10 ** decimals + Number(fraction.padEnd(decimals, '0')));
  }
  return wrong(
    `${JSON.stringify(value)} is not a share.`,
    'Write it as text, like "19%" or "0.19".',
  );
}

/** An amount of any currency as text, `"1250.00"` → billionths of its unit. */
export function parseMoney(value: unknown): ParsedValue<number> {
  const nano = typeof value === 'string' ? parseUsd(value) : null;
  if (nano !== null && nano >= 0) return right(nano);
  return wrong(`${JSON.stringify(value)} is not an amount.`, 'Write it as text, like "1250.00".');
}

/** What one dollar costs, `"0.9215"`, more than zero. */
export function parseRate(value: unknown): ParsedValue<number> {
  const nano = typeof value === 'string' ? parseUsd(value) : null;
  if (nano !== null && nano > 0) return right(nano);
  return wrong(
    `${JSON.stringify(value)} is not a rate.`,
    'Write what one dollar costs in the currency as text, like "0.9215".',
  );
}

/** ISO 4217, in capitals. */
export function parseCurrency(value: unknown): ParsedValue<string> {
  if (typeof value === 'string' && /^[A-Z]{3}$/.test(value)) return right(value);
  return wrong(`${JSON.stringify(value)} is not a currency.`, 'Write its code, like "EUR".');
}

/** `{year}-{sequence:4}` */
export function parseNumberPattern(value: unknown): ParsedValue<string> {
  const hint =
    'Write {sequence} or {sequence:4} once, and {year}, {month}, {client} where you want.';
  if (typeof value !== 'string') return wrong('A number pattern is text.', hint);
  const rest = value.replace(/\{sequence(:[1-9])?\}/, '');
  const isKnown = !/[{}]/.test(rest.replace(/\{(year|month|client)\}/g, ''));
  return rest !== value && isKnown && value.length <= 60
    ? right(value)
    : wrong(`${JSON.stringify(value)} makes no numbers.`, hint);
}

/** An absolute path. */
export function parseAbsolutePath(value: unknown): ParsedValue<string> {
  if (typeof value === 'string' && /^(\/|[A-Za-z]:[\\/])/.test(value)) return right(value);
  return wrong(`${JSON.stringify(value)} is not an absolute path.`, 'Write the whole path.');
}
