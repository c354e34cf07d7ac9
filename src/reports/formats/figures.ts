// Amounts and counts as people read them in a table. Rule: what is not nothing never shows as nothing.
import { NANO_PER_USD, type NanoUsd } from '../../domain/money.ts';
import { UNBILLED } from '../../domain/plan-window.ts';
import type { Report } from '../report.ts';
import type { Others, Table } from '../table.ts';

/** Dollars with the same number of decimals all down a column: cents, or four decimals below a dollar. */
export function moneyCells(total: NanoUsd): (nano: NanoUsd) => string {
  const decimals = Math.abs(total) >= NANO_PER_USD ? 2 : 4;
  const unit = NANO_PER_USD / 10 ** decimals;
  return (nano) => {
    const units = Math.floor(Math.abs(nano) / unit + 0.5);
    if (units === 0 && nano !== 0)
      return `${nano < 0 ? '-' : ''}<$${(1 / 10 ** decimals).toFixed(decimals)}`;
    const digits = String(units).padStart(decimals + 1, '0');
    const whole = digits.slice(0, -decimals).replace(/\B(?=(\d{3})+$)/g, ',');
    return `${nano < 0 ? '-' : ''}$${whole}.${digits.slice(-decimals)}`;
  };
}

/** `950`, `12.3k`, `4.56M`, `1.20G`. */
export function countText(count: number): string {
  const size = Math.abs(count);
  if (size < 1_000) return String(count);
  const [divisor, letter] =
    size < 999_950 ? [1e3, 'k'] : size < 999_950_000 ? [1e6, 'M'] : [1e9, 'G'];
  const scaled = count / (divisor as number);
  return `${scaled.toFixed(Math.abs(scaled) < 10 ? 2 : 1)}${letter}`;
}

/** `1 request`, `14 requests`. */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `(14 others)`, `(3 earlier)`: what stands for groups that are not shown. */
export function othersName({ groupCount, areEarlier }: Pick<Others, 'groupCount' | 'areEarlier'>) {
  return areEarlier ? `(${grouped(groupCount)} earlier)` : `(${plural(groupCount, 'other')})`;
}

/** The note below a table that was shortened without --top. */
export function othersNote({ others, rows }: Table): string | null {
  if (!others?.isByDefault) return null;
  const which = others.areEarlier ? 'latest' : 'most expensive';
  const shown = new Set(rows.map(({ key }) => key[0])).size;
  return `Shown by themselves: the ${which} ${grouped(shown)} of ${grouped(shown + others.groupCount)}. All: --format csv, --json or --top ${shown + others.groupCount}; fewer: --since, --where.`;
}

/** Said where dollars stand that a plan covers. */
export const UNBILLED_NOTE = `Dollars are ${UNBILLED}: a plan covers them.`;

/** ` about` behind a window whose reset Claude Code has not told, where it has told others. */
export const aboutText = (group: string, report: Report | undefined): string =>
  (report?.isResetKnown?.(group) ?? true) ? '' : ' about';

/** What else is said below a table. */
export const remarksOf = ({ by, isListPrice }: Table): readonly string[] => [
  ...(by.some(({ isResetKnown }) => isResetKnown) ? [RESETS_NOTE] : []),
  ...(isListPrice ? [UNBILLED_NOTE] : []),
];

const RESETS_NOTE =
  'Windows begin and end as Claude Code has told; of those marked "about" it has not, and they are counted from the requests in them.';

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of at most `width` columns; something is always to be seen of what is not nothing. */
export function bar(value: number, largest: number, width: number): string {
  if (value <= 0 || largest <= 0) return '';
  const eighths = Math.max(1, Math.round((value / largest) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

const HEIGHTS = '▁▂▃▄▅▆▇█';

/** A line of columns, one letter for each value; the newest that fit. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const largest = Math.max(...shown, 0);
  if (largest <= 0) return '';
  return shown
    .map((value) => HEIGHTS[Math.max(0, Math.ceil((value / largest) * HEIGHTS.length) - 1)] ?? '▁')
    .join('');
}
