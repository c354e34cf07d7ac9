// The spellings of what alerts are configured with: thresholds, ratios, quiet hours, and where a secret is.
// Rule: pure; every function gives a canonical value, or says what is wrong and what would be right.
import type { QuietHours, SecretPlace } from './config.ts';
import { type ParsedValue, parseShare } from './value-parsers.ts';

const right = <T>(value: T): ParsedValue<T> => ({ ok: true, value });
const wrong = (message: string, hint: string) => ({ ok: false, message, hint }) as const;

/** Shares of a limit, ascending, each once: `["50%", "80%", "100%"]`; an empty list is none. */
export function parseThresholds(value: unknown): ParsedValue<readonly number[]> {
  const hint = 'Write a list like ["50%", "80%", "100%"]; [] for none.';
  if (!Array.isArray(value)) return wrong('Thresholds are a list of shares.', hint);
  const shares = new Set<number>();
  for (const each of value) {
    const share = parseShare(each);
    if (!share.ok || share.value === null) {
      return wrong(`${JSON.stringify(each)} is not a share of a limit.`, hint);
    }
    shares.add(share.value);
  }
  return right([...shares].sort((a, b) => a - b));
}

/** A factor above 1 as a number or text: `2`, `"1.5"`. */
export function parseFactor(value: unknown): ParsedValue<number> {
  const factor = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof factor === 'number' && factor > 1 && factor <= 1_000) return right(factor);
  return wrong(`${JSON.stringify(value)} is not a factor.`, 'Write a number above 1, like 2.');
}

/** `22:00-07:00` in the configured time zone; over midnight where it ends before it begins. */
export function parseQuietHours(value: unknown): ParsedValue<QuietHours> {
  const hint = 'Write two times of day, like "22:00-07:00".';
  const match =
    typeof value === 'string'
      ? /^\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*$/.exec(value)
      : null;
  if (match === null) return wrong(`${JSON.stringify(value)} are no quiet hours.`, hint);
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const isTime = (hour: number, minute: number) => hour < 24 && minute < 60;
  if (!isTime(fromHour, fromMinute) || !isTime(toHour, toMinute)) {
    return wrong(`${JSON.stringify(value)} is not within a day.`, hint);
  }
  const hours = { fromMinute: fromHour * 60 + fromMinute, toMinute: toHour * 60 + toMinute };
  if (hours.fromMinute !== hours.toMinute) return right(hours);
  return wrong(`${JSON.stringify(value)} are no hours at all.`, hint);
}

/** Where a secret is: `{"env":"NAME"}`, `{"file":"/path"}` or `{"command":["pass","show","x"]}`. Never the secret itself. */
export function parseSecretPlace(value: unknown): ParsedValue<SecretPlace> {
  const hint =
    'Write {"env":"NAME"}, {"file":"/absolute/path"} (a file that only you may read) or {"command":["program","argument"]}.';
  if (typeof value === 'string') {
    return wrong('A secret is not written into a configuration.', hint);
  }
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  const [kind, given] = entries[0] ?? [];
  if (entries.length !== 1) return wrong('A secret is in one place.', hint);
  if (kind === 'env' && typeof given === 'string' && /^[A-Za-z_]\w*$/.test(given)) {
    return right({ env: given });
  }
  if (kind === 'file' && typeof given === 'string' && given.startsWith('/')) {
    return right({ file: given });
  }
  const words = kind === 'command' ? parseCommand(given) : null;
  if (words?.ok) return right({ command: words.value });
  return wrong(`${JSON.stringify(value)} is no place of a secret.`, hint);
}

/** A program and its arguments, without a shell: `["notify", "--title", "Tollgate"]`. */
export function parseCommand(value: unknown): ParsedValue<readonly string[]> {
  const isList = Array.isArray(value) && value.every((word) => typeof word === 'string');
  if (isList && value.length > 0 && value[0] !== '') return right(value as readonly string[]);
  return wrong(
    'A command is a list of words.',
    'Write ["program", "argument", …]; no shell reads it.',
  );
}

/** The address of a web server: https, or http. */
export function parseAddress(value: unknown): ParsedValue<string> {
  const hint = 'Write an address like "https://example.com/hook".';
  try {
    const { protocol, username } = new URL(String(value));
    if (username !== '') return wrong('The address holds a user name.', hint);
    if (protocol === 'https:' || protocol === 'http:') return right(String(value));
  } catch {
    // Not an address at all.
  }
  return wrong(`${JSON.stringify(value)} is not an address.`, hint);
}
