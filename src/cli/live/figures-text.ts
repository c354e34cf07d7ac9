// Small figures for one line: bars and colours. PURE. Rule: short, and the same in every live view.

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
