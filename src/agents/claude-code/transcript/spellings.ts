// Reads values of a transcript line whoever wrote them, and in whichever spelling. Rule: `null` for what cannot be
// understood, so that nobody takes it for nothing.

export type Line = Readonly<Record<string, unknown>>;

/** Before Claude Code, and after everybody who reads this: such a time is a mistake. */
const FIRST_AT = Date.UTC(2020, 0, 1);
const LAST_AT = Date.UTC(2100, 0, 1);
const HAS_ZONE = /(?:z|gmt|utc|\b[a-z]{2,3}t|[+-]\d{2}:?\d{2})\s*(?:\([^)]*\))?$/i;
/** ISO as other programs write it: a comma before the fraction, an hour as the zone, a zone's name, a leap second. */
const OTHER_ISO = /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}):(\d{2})(?:[.,](\d+))?(.*?)(?:\[[^\]]*\])?$/i;
/** `1,234` or `1_234`: groups of three digits. */
const GROUPED = /^\d{1,3}(?:[,_' \u00a0\u202f]\d{3})+(?:\.\d+)?$/;

export const objectOf = (value: unknown): Line | null =>
  typeof value === 'object' && !Array.isArray(value) ? (value as Line | null) : null;

export const stringOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : null;

/** How programs spell that there is no id. */
const NO_ID = /^\s*(?:undefined|null|none|nan|unknown|n\/a|-|\[object object\])?\s*$/i;

/** An id as text; `null` for none: absent, empty, or no text and no number. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'string') return value.length < 16 && NO_ID.test(value) ? null : value;
  return Number.isFinite(value) ? String(value) : null;
}

/** A number, or a text that spells one; `null` for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (text === '') return null;
  const number = Number(GROUPED.test(text) ? text.replace(/[,_' \u00a0\u202f]/g, '') : text);
  return Number.isNaN(number) ? null : number;
}

/**
 * Epoch ms of a time: ISO or another text, without a zone in UTC; or a number, also as text, in seconds, milli-, micro- or
 * nanoseconds. 0 when it does not say, or says what cannot be.
 */
export function instantOf(value: unknown): number {
  const at = typeof value === 'string' ? textInstant(value) : Number.NaN;
  const instant = Number.isNaN(at) ? unixInstant(numberOf(value) ?? Number.NaN) : at;
  return instant >= FIRST_AT && instant < LAST_AT ? instant : 0;
}

function textInstant(text: string): number {
  // As Claude Code writes it, which is what nearly every line has.
  if (text.length === 24 && text.endsWith('Z')) return Date.parse(text);
  const trimmed = text.trim().replace(OTHER_ISO, usualIso);
  if (/^[+-]?[\d.,_]+$/.test(trimmed)) return Number.NaN;
  if (HAS_ZONE.test(trimmed)) return Date.parse(trimmed);
  const utc = Date.parse(`${trimmed}Z`);
  return Number.isNaN(utc) ? Date.parse(`${trimmed} UTC`) : utc;
}

function usualIso(_: string, minute: string, second: string, part = '', zone: string): string {
  const seconds = second === '60' ? '59' : second;
  const fraction = part && `.${part}`;
  return `${minute}:${seconds}${fraction}${/^\s*[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone}`;
}

function unixInstant(value: number): number {
  const digits = Math.abs(value);
  if (digits < 1e11) return Math.round(value * 1_000);
  if (digits < 1e14) return Math.round(value);
  return Math.round(value / (digits < 1e17 ? 1e3 : 1e6));
}
