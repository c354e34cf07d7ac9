// Figures and times as text; amounts and counts are written by the same code as in a terminal.
import { formatUsd } from '../../domain/money.ts';
import { spanText } from '../../domain/time.ts';

export { shortId } from '../../domain/ids.ts';
export { formatUsd as money } from '../../domain/money.ts';
export { amountText, shareText } from '../../domain/plan-window.ts';
export { spanText } from '../../domain/time.ts';
export { countText, moneyCells, plural } from '../../reports/formats/figures.ts';

export const NONE = '–';

/** `$1.20`, or a dash where nobody knows. */
export const moneyOr = (nano: number | null | undefined): string =>
  nano === null || nano === undefined ? NONE : formatUsd(nano);

const NANO = 1e9;
/** Amounts at an axis: `$0`, `$0.25`, `$1,200`. */
export const dollarsText = (dollars: number): string => {
  if (dollars === 0) return '$0';
  return dollars >= 100
    ? `$${Math.round(dollars).toLocaleString('en-US')}`
    : formatUsd(Math.round(dollars * NANO));
};

export const percent = (ratio: number): string =>
  ratio > 0 && ratio < 0.01 ? '<1 %' : `${Math.round(ratio * 100)} %`;

export const ago = (at: number, now: number): string =>
  now - at < 60_000 ? 'just now' : `${spanText(now - at)} ago`;

/** `Acme/Shop @ main`. */
export const placeText = (repository: string | null, branch: string | null): string =>
  [repository?.split('/').slice(-2).join('/'), branch].filter(Boolean).join(' @ ') ||
  '(no repository)';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = timeZone + JSON.stringify(options);
  // The Swedish spell dates and times as ISO does.
  const format = formats.get(key) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, ...options });
  formats.set(key, format);
  return format;
}

/** `2026-11-21 14:03`. */
export const timeText = (at: number, timeZone: string): string =>
  formatOf(timeZone, { dateStyle: 'short', timeStyle: 'short' }).format(at);

/** `14:03:09`. */
export const clockText = (at: number, timeZone: string): string =>
  formatOf(timeZone, { timeStyle: 'medium' }).format(at);

/** `2026-11-21`. */
export const dateText = (at: number, timeZone: string): string =>
  formatOf(timeZone, { dateStyle: 'short' }).format(at);
