// The spellings of settings that stand alone: prices, factors, zones, patterns.
// Rule: pure; every function gives a canonical value, or says what is wrong and what would be right.
import type { ParsedValue } from './value-parsers.ts';

const right = <T>(value: T): ParsedValue<T> => ({ ok: true, value });
const wrong = (message: string, hint: string) => ({ ok: false, message, hint }) as const;

/** Dollars per million tokens as text → whole pico-dollars per token; zero is a price. */
export function parsePrice(value: unknown): ParsedValue<number> {
  if (typeof value === 'number') {
    return wrong(
      `${String(value)} is a JSON number; prices are written as text.`,
      `Put it in quotes: "${String(value)}".`,
    );
  }
  const millionths =
    typeof value === 'string' ? parseMillionths(value.replace(/^\s*\$/, '')) : null;
  if (millionths !== null) return right(millionths);
  return wrong(
    `${JSON.stringify(value)} is not a price.`,
    'Write dollars per million tokens as text, like "3.75"; at most six decimals.',
  );
}

const MAX_MULTIPLIER_MILLIONTHS = 100_000_000;

/** A factor as text (`"0.85"`) or number, more than zero → whole millionths. */
export function parseRatioMillionths(value: unknown): ParsedValue<number> {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  const millionths = parseMillionths(text);
  if (millionths !== null && millionths > 0 && millionths <= MAX_MULTIPLIER_MILLIONTHS) {
    return right(millionths);
  }
  return wrong(
    `${JSON.stringify(value)} is not a factor on prices.`,
    'Write a number above zero with at most six decimals, like "0.85" for 15 % off.',
  );
}

/** Digits with at most six decimals → whole millionths; `null` for anything else. */
function parseMillionths(text: string): number | null {
  const match = /^\s*(\d{1,8})(?:\.(\d{1,6}))?\s*$/.exec(text);
  if (!match) return null;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

/** An IANA zone the platform knows. */
export function parseTimeZone(value: unknown): ParsedValue<string> {
  const hint = 'Write the name of a zone, like "Europe/Berlin" or "UTC".';
  if (typeof value !== 'string') return wrong('A time zone is text.', hint);
  if (isTimeZone(value)) return right(value);
  return wrong(`"${value}" is not a time zone.`, hint);
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const MAX_PATTERN_LENGTH = 200;

/** A regular expression as text. */
export function parsePattern(value: unknown): ParsedValue<string> {
  const hint = 'Write a regular expression, like "([A-Z]+-[0-9]+)".';
  if (typeof value !== 'string' || value === '') return wrong('A pattern is text.', hint);
  if (value.length > MAX_PATTERN_LENGTH) {
    return wrong('The pattern is too long.', `At most ${MAX_PATTERN_LENGTH} characters.`);
  }
  try {
    new RegExp(value);
    return right(value);
  } catch (error) {
    return wrong(`"${value}" is not a regular expression: ${(error as Error).message}.`, hint);
  }
}
