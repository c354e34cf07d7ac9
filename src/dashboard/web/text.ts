// Figures and times as text; amounts and counts are written by the same code as in a terminal.
import { formatUsd } from '../../domain/money.ts';
import { spanText } from '../../domain/time.ts';

export { shortId } from '../../domain/ids.ts';
export { formatUsd as money } from '../../domain/money.ts';
export { amountText } from '../../domain/plan-window.ts';
export { spanText } from '../../domain/time.ts';
export { countText, moneyCells, plural } from '../../reports/formats/figures.ts';

export const NONE = '–';

/** `$1.20`, or a dash where nobody knows. */
export const moneyOr = (nano: number | null | undefined): string =>
  nano === null || nano === undefined ? NONE : formatUsd(nano);

export const percent = (ratio: number): string =>
  ratio > 0 && ratio < 0.01 ? '<1 %' : `${Math.round(ratio * 100)} %`;

export const ago = (at: number, now: number): string =>
  now - at < 60_000 ? 'just now' : `${spanText(now - at)} ago`;

/** `Acme/Shop @ main`. */
export const placeText = (repository: string | null, branch: string | null): string =>
  [repository?.split('/').slice(-2).join('/'), branch].filter(Boolean).join(' @ ') ||
  '(no repository)';
