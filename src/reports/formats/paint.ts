// Colour for the terminal. Rule: only where the style welcomes it; the text itself never changes.
import type { Style } from './format.ts';

type Codes = readonly [number, number];

export const bold: Codes = [1, 22];
export const dim: Codes = [2, 22];
/** For bars and trends. */
export const tinted: Codes = [36, 39];

/** Answers a painter that does nothing where colour is not welcome. */
export function paintOf({ isFancy }: Style): (codes: Codes) => (text: string) => string {
  return ([on, off]) =>
    (text) =>
      isFancy && text.trim() !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}
