// Small figures for one line: bars, rates, spans and colours. PURE. Rule: short, and the same in every live view.
import { formatUsd, NANO_PER_USD, type NanoUsd } from '../../domain/money.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';

export type Tone = 'plain' | 'dim' | 'good' | 'warn' | 'bad';

const CODES: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '\x1b[2m',
  good: '\x1b[32m',
  warn: '\x1b[33m',
  bad: '\x1b[1;31m',
};

/** Text in a colour; as it is where colours are not wanted. */
export function toned(text: string, tone: Tone, hasColour: boolean): string {
  return hasColour && tone !== 'plain' ? `${CODES[tone]}${text}\x1b[0m` : text;
}

/** How a share of a ceiling looks. */
export function toneOf(ratio: number): Tone {
  if (ratio >= 0.95) return 'bad';
  return ratio >= 0.8 ? 'warn' : 'good';
}

/** `████░░░░`; never full before the ceiling is met, never empty once something is spent. */
export function barText(ratio: number, width: number): string {
  const share = Math.min(1, Math.max(0, ratio));
  let full = Math.round(share * width);
  if (share > 0 && full === 0) full = 1;
  if (share < 1 && full === width) full = width - 1;
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}

/** Dollars with two decimals; four below ten cents, where cents would say nothing. */
export function shortUsd(amount: NanoUsd): string {
  if (amount !== 0 && Math.abs(amount) < NANO_PER_USD / 10) return formatUsd(amount);
  const cents = Math.round(amount / 10_000_000);
  return `${cents < 0 ? '-' : ''}$${(Math.abs(cents) / 100).toFixed(2)}`;
}

/** `23m`, `4h10m`, `3d`; `0m` for less than a minute. */
export function spanText(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.round(ms / DAY_MS)}d`;
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  if (hours >= 10) return `${hours}h`;
  return hours > 0 ? `${hours}h${String(minutes).padStart(2, '0')}m` : `${Math.max(0, minutes)}m`;
}

/** Columns a text takes, escape sequences left out; everything we print is one column wide. */
export function widthOf(text: string): number {
  return [...text.replace(/\x1b\[[0-9;]*m/g, '')].length;
}

/** Text cut to a width, with an ellipsis where something was cut. */
export function fitted(text: string, width: number): string {
  const letters = [...text];
  if (letters.length <= width) return text;
  return width <= 0 ? '' : `${letters.slice(0, width - 1).join('')}…`;
}
