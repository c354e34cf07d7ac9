// The spellings a person may use for an amount, a share, a span of time, a scope and a period.
// Rule: pure; every function gives a canonical value, or says what is wrong and what would be right.
import type { PeriodSpec, Scope, ScopeKey } from '../domain/budget.ts';
import { type NanoUsd, parseUsd } from '../domain/money.ts';
import { repositoryPatterns } from '../domain/repository.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';

/** A parsed value, or what is wrong with the input and what would be right. */
export type ParsedValue<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** A period before its time zone is known: calendar periods take the zone when layers are merged. */
export type PeriodRecipe =
  | Exclude<PeriodSpec, { kind: 'day' | 'week' | 'month' | 'dates' }>
  | { readonly kind: 'day' | 'week' | 'month' }
  | { readonly kind: 'dates'; readonly from: string; readonly until: string };

const right = <T>(value: T): ParsedValue<T> => ({ ok: true, value });
const wrong = (message: string, hint: string) => ({ ok: false, message, hint }) as const;

/** Dollars as text, more than zero: `"5.00"`, `"$0.10"`, `"1,250"`, `"5 USD"`. */
export function parseAmount(value: unknown): ParsedValue<NanoUsd> {
  if (typeof value === 'number') {
    const quoted = Number.isFinite(value) && Math.abs(value) < 1e6 ? String(value) : '5.00';
    return wrong(
      `${String(value)} is a JSON number; dollars are written as text.`,
      `Put it in quotes: "${quoted}".`,
    );
  }
  if (typeof value !== 'string') {
    return wrong('An amount is dollars as text.', 'Write it like "5.00".');
  }
  const nano = parseUsd(value.replace(/\s*usd\s*$/i, ''));
  if (nano === null) return wrong(`"${value}" is not an amount of dollars.`, amountHint(value));
  if (nano <= 0) {
    return wrong(`"${value}" is not more than zero.`, 'Write an amount above zero, like "5.00".');
  }
  return right(nano);
}

function amountHint(text: string): string {
  if (/^\s*\$?\d+,\d{1,2}\s*$/.test(text)) {
    return `Write the cents after a point: "${text.trim().replace(',', '.')}".`;
  }
  if (/\.\d{10,}/.test(text)) return 'At most nine decimals: a billionth of a dollar is the unit.';
  if (/[€£¥]|eur|gbp/i.test(text)) return 'Amounts are US dollars, like "5.00".';
  return 'Write digits with a point, like "5.00" or "0.10".';
}

/** A share of the ceiling as 0..1: `"0.9"`, `"90%"`, `0.9`; `"never"` and `null` mean: never. */
export function parseShare(value: unknown): ParsedValue<number | null> {
  if (value === null || value === 'never') return right(null);
  const hint = 'Write "0.9", "90%" or "never".';
  if (typeof value !== 'number' && typeof value !== 'string') {
    return wrong('A share is a number from 0 to 1, or a percentage as text.', hint);
  }
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*$/.exec(String(value));
  if (!match) return wrong(`${JSON.stringify(value)} is not a share of the ceiling.`, hint);
  const ratio = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (ratio > 0 && ratio <= 1) return right(ratio);
  return wrong(`${JSON.stringify(value)} is not between 0 and 1.`, hint);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  sec: SECOND_MS,
  second: SECOND_MS,
  m: MINUTE_MS,
  min: MINUTE_MS,
  minute: MINUTE_MS,
  h: HOUR_MS,
  hr: HOUR_MS,
  hour: HOUR_MS,
  d: DAY_MS,
  day: DAY_MS,
  w: 7 * DAY_MS,
  week: 7 * DAY_MS,
};

/** A span in milliseconds, or `null` when the text is none: `10m`, `24 hours`, `1h30m`, `7d`. */
export function parseSpan(text: string): number | null {
  const part = /(\d+(?:\.\d+)?)\s*([a-z]+)\s*/gy;
  const source = text.trim().toLowerCase();
  let totalMs = 0;
  let end = 0;
  for (let match = part.exec(source); match; match = part.exec(source)) {
    const name = match[2] ?? '';
    const unit = Object.hasOwn(UNIT_MS, name) ? name : name.replace(/s$/, '');
    const unitMs = Object.hasOwn(UNIT_MS, unit) ? UNIT_MS[unit] : undefined;
    if (unitMs === undefined) return null;
    totalMs += Number(match[1]) * unitMs;
    end = part.lastIndex;
  }
  return source !== '' && end === source.length ? Math.round(totalMs) : null;
}

/** A span between bounds, as text with a unit. */
export function parseSpanWithin(value: unknown, least: number, most: number): ParsedValue<number> {
  const hint = 'Write a number and a unit, like "10m", "5h" or "7d".';
  if (typeof value !== 'string') return wrong('A span of time is text with a unit.', hint);
  const ms = parseSpan(value);
  if (ms === null) return wrong(`"${value}" is not a span of time.`, hint);
  if (ms >= least && ms <= most) return right(ms);
  return wrong(`"${value}" is too ${ms < least ? 'short' : 'long'}.`, hint);
}

const SCOPE_WORDS: Readonly<Record<string, ScopeKey>> = {
  repository: 'repository',
  repo: 'repository',
  subpath: 'subPath',
  folder: 'subPath',
  branch: 'branch',
  developer: 'developer',
  person: 'developer',
  user: 'developer',
  client: 'client',
  customer: 'client',
  costcentre: 'costCentre',
  costcenter: 'costCentre',
  ticket: 'ticket',
  model: 'model',
  agenttype: 'agentType',
  session: 'session',
};
/** Every label a budget can be bound to, as the documentation names it. */
export const SCOPE_KEYS: readonly ScopeKey[] = [...new Set(Object.values(SCOPE_WORDS))];

function scopeKey(word: string): ScopeKey | null {
  const key = word
    .trim()
    .toLowerCase()
    .replace(/[\s_-]/g, '');
  return Object.hasOwn(SCOPE_WORDS, key) ? (SCOPE_WORDS[key] ?? null) : null;
}

const EVERYTHING: Scope = { where: {}, per: [] };
const SCOPE_HINT = `Write "all", a label (${SCOPE_KEYS.join(', ')}), "repository:github.com/Acme/*", {"branch":"feat/*"} or {"per":["repository","branch"]}.`;

/**
 * Which entries count: absent or `"all"` is everything; a label is one pool for each of its values; `label:pattern`
 * and objects keep what matches; `per` splits.
 */
export function parseScope(value: unknown): ParsedValue<Scope> {
  if (value === undefined) return right(EVERYTHING);
  if (typeof value === 'string') return parseScopeText(value);
  if (Array.isArray(value)) return parsePer(value);
  if (typeof value !== 'object' || value === null) return wrong('Not a scope.', SCOPE_HINT);
  const where: Partial<Record<ScopeKey, string>> = {};
  let per: readonly ScopeKey[] = [];
  for (const [word, wanted] of Object.entries(value)) {
    if (word === 'per') {
      const split = parsePer(Array.isArray(wanted) ? wanted : [wanted]);
      if (!split.ok) return split;
      per = split.value.per;
      continue;
    }
    const key = scopeKey(word);
    if (key === null) return wrong(`"${word}" is not a label.`, SCOPE_HINT);
    if (typeof wanted !== 'string' || wanted.trim() === '') {
      return wrong(
        `The pattern of "${word}" is not text.`,
        `Write {"${word}":"…"}; * and ? match.`,
      );
    }
    where[key] = asPattern(key, wanted);
  }
  return right({ where: sorted(where), per });
}

function parseScopeText(text: string): ParsedValue<Scope> {
  const plain = text.trim();
  if (/^(all|everything|any|\*)$/i.test(plain)) return right(EVERYTHING);
  const colon = plain.indexOf(':');
  const word = (colon < 0 ? plain : plain.slice(0, colon)).replace(/^(per|each|every)\s+/i, '');
  const key = scopeKey(word);
  if (key === null) return wrong(`"${text}" is not a scope.`, SCOPE_HINT);
  if (colon < 0) return right({ where: {}, per: [key] });
  const pattern = plain.slice(colon + 1).trim();
  if (pattern === '') return wrong(`"${text}" has no pattern after the colon.`, SCOPE_HINT);
  return right({ where: { [key]: asPattern(key, pattern) }, per: [] });
}

function parsePer(words: readonly unknown[]): ParsedValue<Scope> {
  const per = new Set<ScopeKey>();
  for (const word of words) {
    const key = typeof word === 'string' ? scopeKey(word) : null;
    if (key === null) return wrong(`${JSON.stringify(word)} is not a label.`, SCOPE_HINT);
    per.add(key);
  }
  return right({ where: {}, per: SCOPE_KEYS.filter((key) => per.has(key)) });
}

/** Remotes are compared in their normalised form, so a pasted URL means the repository it names. */
function asPattern(key: ScopeKey, text: string): string {
  if (key !== 'repository') return text.trim();
  return repositoryPatterns(text).map(parseRepository).join('|');
}

/** A repository as the ledger names it: `git@github.com:Acme/Shop.git` → `github.com/Acme/Shop`. */
export function parseRepository(text: string): string {
  return text
    .trim()
    .replace(/^(?:[a-z+]+:\/\/)(?:[^@/]*@)?/i, '')
    .replace(/^[\w.-]+@([^:/]+):/, '$1/')
    .replace(/\.git$/, '')
    .replace(/(.)\/+$/, '$1');
}

function sorted(where: Partial<Record<ScopeKey, string>>): Partial<Record<ScopeKey, string>> {
  return Object.fromEntries(Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const NAMED_PERIODS: Readonly<Record<string, PeriodRecipe>> = {
  session: { kind: 'session', followChain: false },
  turn: { kind: 'turn' },
  prompt: { kind: 'turn' },
  subagent: { kind: 'subagent' },
  day: { kind: 'day' },
  daily: { kind: 'day' },
  week: { kind: 'week' },
  weekly: { kind: 'week' },
  month: { kind: 'month' },
  monthly: { kind: 'month' },
  hour: { kind: 'rolling', lengthMs: HOUR_MS },
  hourly: { kind: 'rolling', lengthMs: HOUR_MS },
  forever: { kind: 'forever' },
  total: { kind: 'forever' },
};
const PERIOD_HINT =
  'Write "session", "turn", "subagent", "day", "week", "month", "forever", a span like "5h" or "7d", {"session":{"followChain":true}}, or {"from":"2026-09-01","until":"2026-12-15"}.';
const LEAST_ROLLING_MS = MINUTE_MS;
const MAX_ROLLING_MS = 366 * DAY_MS;

/** The recipe for windows; absent is the session. Spans (`5h`, `rolling 7d`) are rolling windows. */
export function parsePeriod(value: unknown): ParsedValue<PeriodRecipe> {
  if (value === undefined) return right({ kind: 'session', followChain: false });
  if (typeof value === 'string') return parsePeriodText(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong('Not a period.', PERIOD_HINT);
  }
  if ('from' in value || 'until' in value) return parseDates(value);
  const entries = Object.entries(value);
  const [word, settings] = entries[0] ?? ['', undefined];
  if (entries.length !== 1) return wrong('A period is one thing.', PERIOD_HINT);
  if (word === 'rolling') return parseRolling(settings);
  if (word === 'session') return parseSessionSettings(settings);
  return wrong(`"${word}" takes no settings.`, PERIOD_HINT);
}

function parsePeriodText(text: string): ParsedValue<PeriodRecipe> {
  const plain = text.trim().toLowerCase();
  const word = plain.replace(/^(per|each|every|calendar)\s+/, '');
  const named = Object.hasOwn(NAMED_PERIODS, word) ? NAMED_PERIODS[word] : undefined;
  if (named) return right(named);
  const span = plain.replace(/^(rolling|last)(\s*:\s*|\s+)/, '');
  if (parseSpan(span) !== null) return parseRolling(span);
  return wrong(`"${text}" is not a period.`, PERIOD_HINT);
}

function parseRolling(value: unknown): ParsedValue<PeriodRecipe> {
  const span = parseSpanWithin(value, LEAST_ROLLING_MS, MAX_ROLLING_MS);
  if (span.ok) return right({ kind: 'rolling', lengthMs: span.value });
  return wrong(span.message, 'A rolling period is from "1m" to "366d", like "5h".');
}

/** The days from one to another, both included. */
export function parseDates({
  from,
  until,
  ...rest
}: Readonly<Record<string, unknown>>): ParsedValue<Extract<PeriodRecipe, { kind: 'dates' }>> {
  const hint = 'Write {"from":"2026-09-01","until":"2026-12-15"}.';
  if (Object.keys(rest).length > 0) return wrong('Dates have "from" and "until" alone.', hint);
  const [first, last] = [parseIsoDate(from), parseIsoDate(until)];
  if (!first.ok) return first;
  if (!last.ok) return last;
  if (first.value > last.value) return wrong(`${first.value} is after ${last.value}.`, hint);
  return right({ kind: 'dates', from: first.value, until: last.value });
}

/** `2026-10-31` */
export function parseIsoDate(value: unknown): ParsedValue<string> {
  const text = String(value);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && isoOf(Date.parse(text)) === text;
  return isDate
    ? right(text)
    : wrong(`${JSON.stringify(value)} is not a date.`, 'Write year, month and day: "2026-10-31".');
}

const isoOf = (at: number): string =>
  Number.isNaN(at) ? '' : new Date(at).toISOString().slice(0, 10);

function parseSessionSettings(settings: unknown): ParsedValue<PeriodRecipe> {
  const entries = Object.entries(settings ?? {});
  if (typeof settings !== 'object' || entries.some(([key]) => key !== 'followChain')) {
    return wrong('A session takes one setting, followChain.', PERIOD_HINT);
  }
  const followChain = entries[0]?.[1] ?? false;
  if (typeof followChain === 'boolean') return right({ kind: 'session', followChain });
  return wrong('followChain is true or false.', PERIOD_HINT);
}
