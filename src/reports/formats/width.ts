// How wide text is on a terminal. Rule: nothing that a label contains can move the cursor or change colours:
// what does not print is replaced.

/** Letters two columns wide: East Asian wide and full-width forms, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f004}\u{1f0cf}\u{1f18e}-\u{1f19a}\u{1f200}-\u{1f320}\u{1f32d}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\u200b-\u200f\u2060\ufeff]+$/u;
/** Letters of the Latin alphabets and signs that no terminal draws wide. */
const PLAIN = /^[\x20-\x7e\xa1-\xac\xae-\u02ff…─]*$/;

let segmenter: Intl.Segmenter | null = null;

/** Made when first needed: most reports never meet a letter that is not plain. */
function lettersOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Whether the text is nothing but letters one column wide. */
export const isAscii = (text: string): boolean => PLAIN.test(text);

/** The text without control characters, directional overrides included. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '·');
}

/** Columns that printable text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of lettersOf(text)) width += letterWidth(segment);
  return width;
}

function letterWidth(letter: string): number {
  if (NO_WIDTH.test(letter)) return 0;
  // An emoji made of several, or one asked for with a variation selector, is two columns wide.
  return WIDE.test(letter) || letter.includes('\ufe0f') ? 2 : 1;
}

/** At most so wide, with `…` in place of what was cut off. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of lettersOf(text)) {
    used += letterWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Filled with blanks to a width; longer text stays as it is. */
export function padTo(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}
