// What bash makes of texts: braces, `printf`, `${x#a}`. PURE.
import { matchesPattern } from '../../domain/pattern.ts';
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
    .replace(/\\([nt\\])/g, (_, letter: string) => escapes[letter] ?? letter)
    .replace(/%[sb]/g, () => values[used++] ?? '');
  return /%[^%]/.test(text) ? null : [text, ...values.slice(used)].join(' ');
}

/** A value after `${x#a}` and its like. */
export function removed(value: string, operator: string, pattern: string): string {
  const isStart = operator.startsWith('#');
  const lengths = Array.from({ length: Math.min(value.length, 256) + 1 }, (_, at) => at);
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    const end = isStart ? value.slice(0, length) : value.slice(value.length - length);
    if (matchesPattern(pattern, end)) {
      return isStart ? value.slice(length) : value.slice(0, value.length - length);
    }
  }
  return value;
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
