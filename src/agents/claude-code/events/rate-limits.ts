// The limits of a plan as Claude Code hands them to its status line (`rate_limits`). Rule: pure; what cannot be read is a problem with
// its field, never a silent nothing. Source: client 2.1.330, read 2026-11-28: `five_hour` and `seven_day`, each with
// `used_percentage` (0 to 100) and `resets_at` (seconds); only for subscribers, and only after the first response.
import {
  type PlanLimit,
  type PlanProblem,
  parsePlanWindow,
  planLengthMs,
} from '../../../domain/plan-window.ts';
import { type EpochMs, HOUR_MS, SECOND_MS } from '../../../domain/time.ts';
import { fieldsOf } from '../fields.ts';

/** What was said of the plan. */
export interface RateLimits {
  readonly limits: readonly PlanLimit[];
  readonly problems: readonly PlanProblem[];
}

/** A gateway's limit in dollars is no window of a plan. */
const OTHER_LIMITS: ReadonlySet<string> = new Set(['spend_limit']);
/** More than ten times a plan is a mistake, not use. */
const MAX_RATIO = 10;
/** Clocks differ. */
const SLACK_MS = 2 * HOUR_MS;
/** A number of seconds has so many digits for the next two centuries; more are milliseconds. */
const FIRST_MILLISECONDS = 1e11;

/** Reads the field; no limits where it is absent, as with an API key. */
export function parseRateLimits(value: unknown, now: EpochMs): RateLimits {
  const limits: PlanLimit[] = [];
  const problems: PlanProblem[] = [];
  for (const [name, raw] of Object.entries(fieldsOf(value))) {
    if (OTHER_LIMITS.has(name) || raw === null) continue;
    const note = (code: PlanProblem['code'], detail: string) =>
      problems.push({ code, detail: `rate_limits.${clean(name)}${detail}` });
    const limit = limitOf(name, fieldsOf(raw), now, note);
    if (limit !== null) limits.push(limit);
  }
  return { limits, problems };
}

type Note = (code: PlanProblem['code'], detail: string) => void;

function limitOf(
  name: string,
  raw: Readonly<Record<string, unknown>>,
  now: EpochMs,
  note: Note,
): PlanLimit | null {
  const window = parsePlanWindow(name);
  if (window === null) {
    note('WINDOW_UNKNOWN', '');
    return null;
  }
  const usedRatio = shareOf(raw.used_percentage, note);
  const resetsAt = resetOf(raw.resets_at, note);
  if (usedRatio === null || resetsAt === null) return null;
  if (resetsAt <= now) {
    note('RESET_PASSED', '.resets_at');
    return null;
  }
  if (resetsAt > now + planLengthMs(window) + SLACK_MS) {
    note('RESET_TOO_FAR', '.resets_at');
    return null;
  }
  return { window, usedRatio, resetsAt };
}

function shareOf(value: unknown, note: Note): number | null {
  const field = '.used_percentage';
  if (value === undefined || value === null) {
    note('SHARE_MISSING', field);
    return null;
  }
  const percent = numberOf(value, field, note);
  if (percent === null || percent < 0 || percent > MAX_RATIO * 100) {
    note('SHARE_UNREADABLE', `${field} ${clean(String(value))}`);
    return null;
  }
  if (percent > 100) note('SHARE_ABOVE_ALL', field);
  // As many decimals as the ledger keeps: 28.999999999999996 is 29.
  return Math.round(percent * 10_000) / 1_000_000;
}

function resetOf(value: unknown, note: Note): EpochMs | null {
  const field = '.resets_at';
  if (value === undefined || value === null) {
    note('RESET_MISSING', field);
    return null;
  }
  const date = typeof value === 'string' && value.includes('-') ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(date)) return date;
  const number = numberOf(value, field, note);
  if (number === null || number <= 0) {
    note('RESET_UNREADABLE', `${field} ${clean(String(value))}`);
    return null;
  }
  return Math.round(number >= FIRST_MILLISECONDS ? number : number * SECOND_MS);
}

function numberOf(value: unknown, field: string, note: Note): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const text = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%?\s*$/.exec(value)?.[1] : null;
  if (!text) return null;
  note('NUMBER_AS_TEXT', field);
  return Number(text);
}

/** Words of others that go into the ledger and onto a screen. */
const clean = (text: string): string => text.replace(/[^\w.:%+-]/g, '?').slice(0, 40);
