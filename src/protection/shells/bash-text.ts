// What bash makes of texts: braces, `printf`, `${x#a}`. PURE.
import { matchesPieces } from '../../domain/pattern.ts';
import { UNKNOWN } from './shell.ts';

/** What a command prints, where that can be told without running it. */
export function printedText(words: readonly string[], stdin: string | null): string | null {
  const [program = '', ...operands] = words;
  if (words.some((word) => word.includes(UNKNOWN))) return null;
  if (program === 'echo') return operands.filter((word) => !/^-[neE]+$/.test(word)).join(' ');
  if (program === 'printf') return formatted(operands);
  if ((program === 'cat' || program === 'tee') && !operands.some((word) => word !== '-')) {
    return stdin;
  }
  return null;
}

/** `printf` with texts only; `null` where it does more. */
export function formatted([format = '', ...values]: readonly string[]): string | null {
  let used = 0;
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };
  const text = format
    .replace(/\\(?:([nt\\])|x([\da-f]{1,2})|0?([0-7]{1,3}))/gi, (whole, letter, hex, octal) => {
      if (letter !== undefined) return escapes[letter] ?? whole;
      const code = hex === undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex, 16);
      return String.fromCharCode(code);
    })
    .replace(/%[sb]/g, () => values[used++] ?? '');
  return /%[^%]/.test(text) ? null : [text, ...values.slice(used)].join(' ');
}

/** A value after `${x#a}` and its like. */
export function removed(value: string, operator: string, pattern: string): string {
  const glob = globOf(pattern);
  const isStart = operator.startsWith('#');
  const lengths = Array.from({ length: Math.min(value.length, 256) + 1 }, (_, at) => at);
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    const end = isStart ? value.slice(0, length) : value.slice(value.length - length);
    if (fits(glob, end)) {
      return isStart ? value.slice(length) : value.slice(0, value.length - length);
    }
  }
  return value;
}

/** Longer values have no stars matched in them, so that a command costs the guard little. */
const MAX_STARRED = 256;
const MAX_REPLACED = 16;

/** A value after `${x/a/b}` and its like; `by`: what stands in the place of a match. */
export function replaced(
  value: string,
  operator: string,
  pattern: string,
  by: (match: string) => string,
): string {
  const glob = globOf(pattern);
  const isStarred = glob.includes('*');
  if (glob.length === 0) return value;
  if (isStarred && value.length > MAX_STARRED) return UNKNOWN;
  let [text, end, count] = ['', 0, 0];
  for (let at = 0; at <= value.length; at += 1) {
    if (operator === '/#' && at > 0) break;
    if (operator === '/' && count === 1) break;
    if (isStarred && count === MAX_REPLACED) return UNKNOWN;
    const found = at < end ? -1 : endOfMatch(value, at, glob, operator === '/%');
    if (found <= at) continue;
    text += value.slice(end, at) + by(value.slice(at, found));
    [end, count] = [found, count + 1];
  }
  return text + value.slice(end);
}

/** Where the longest match that begins at a place ends; -1: there is none. */
function endOfMatch(value: string, at: number, glob: Glob, isAtEnd: boolean): number {
  const { length } = value;
  if (!glob.includes('*')) {
    const end = at + glob.length;
    const isPlace = isAtEnd ? end === length : end <= length;
    return isPlace && fits(glob, value.slice(at, end)) ? end : -1;
  }
  if (isAtEnd) return fits(glob, value.slice(at)) ? length : -1;
  if (!fits([...glob, '*'], value.slice(at))) return -1;
  let end = length;
  while (end > at && !fits(glob, value.slice(at, end))) end -= 1;
  return end;
}

/** A value after `${x^}` and its like: one sign is for the first letter, two are for all; `pattern`: of the letters it is for. */
export function inOtherCase(value: string, operator: string, pattern = '?'): string {
  const glob = globOf(pattern);
  const change = (letter: string) => {
    if (!fits(glob, letter)) return letter;
    return operator.startsWith('^') ? letter.toUpperCase() : letter.toLowerCase();
  };
  const end = operator.length === 2 ? value.length : 1;
  return [...value.slice(0, end)].map(change).join('') + value.slice(end);
}

/** A pattern of bash, piece by piece: `*`, and `?`, `[ab]` or a letter for one letter each. */
type Glob = readonly string[];

const globOf = (pattern: string): Glob =>
  pattern.match(/\[[!^]?\]?(?:\[:\w+:\]|[^\]])*\]|[\s\S]/g) ?? [];

/** Whether a pattern is the whole of a text. */
const fits = (glob: Glob, text: string): boolean => matchesPieces(glob, text, isOne);

const CLASSES: Readonly<Record<string, RegExp>> = {
  ...{ alpha: /[a-z]/i, digit: /\d/, alnum: /[a-z\d]/i, upper: /[A-Z]/, lower: /[a-z]/ },
  ...{ space: /\s/, blank: /[ \t]/, punct: /[!-/:-@[-`{-~]/, xdigit: /[\da-f]/i },
};

/** Whether a piece stands for a letter: `[a-z]` for what is in it, `[!a-z]` for all else. */
function isOne(piece: string, letter: string): boolean {
  if (piece.length === 1) return piece === '?' || piece === letter;
  const isOther = /^\[[!^]/.test(piece);
  const members = piece.slice(isOther ? 2 : 1, -1).match(/\[:\w+:\]|[\s\S]-[\s\S]|[\s\S]/g);
  const isIn = (members ?? []).some((member) => {
    const named = CLASSES[/^\[:(\w+):\]$/.exec(member)?.[1] ?? ''];
    if (named !== undefined) return named.test(letter);
    return letter >= member.charAt(0) && letter <= member.charAt(member.length - 1);
  });
  return isIn !== isOther;
}

/** A whole number, or a sum of them; `NaN`: only running would tell. */
export function integerOf(text: string): number {
  const whole = Number(text);
  if (Number.isInteger(whole)) return whole;
  const parts = /^\s*[+-]?\s*\d+(\s*[+-]\s*\d+)*\s*$/.test(text)
    ? (text.replace(/\s/g, '').match(/[+-]?\d+/g) ?? [])
    : [];
  return parts.length === 0 ? Number.NaN : parts.reduce((sum, part) => sum + Number(part), 0);
}

/** Splits at the commas that are in no quotes and no inner braces. */
export function elementsOf(text: string): string[] {
  const elements: string[] = [];
  let [start, depth, quote] = [0, 0, ''];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\') at += 1;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"' || char === '`') quote = char;
    else if (char === '{' || char === '(') depth += 1;
    else if (char === '}' || char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      elements.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...elements, text.slice(start)];
}
