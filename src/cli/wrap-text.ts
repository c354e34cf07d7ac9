// The layout of texts for people. Rule: no line is wider than the terminal, and an example that had to be broken can still
// be pasted into a shell.

import type { CliContext } from './command.ts';

/** Wider lines are hard to read. */
const WIDEST = 100;
/** Below this a description starts on a line of its own. */
const LEAST_DESCRIPTION = 24;
/** Words in front of a shell command. */
const COMMAND = /^(tollgate|git|claude|echo|node|npm|source|mkdir)\b/;

/** A text for so many columns: paragraphs are filled anew, indented lines keep their place. */
export function wrapText(text: string, columns: number): string {
  const width = Math.min(columns, WIDEST);
  const lines: string[] = [];
  let paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) lines.push(...fill(wordsOf(paragraph.join(' ')), '', '', width));
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) {
      paragraph.push(line.trimEnd());
      if (line.trimEnd().endsWith(':')) endParagraph();
      continue;
    }
    endParagraph();
    lines.push(...(line.length <= width ? [line] : wrapIndented(line, width)));
  }
  endParagraph();
  return lines.join('\n');
}

type Reader = Pick<CliContext, 'isTerminal' | 'columns' | 'env'>;

/** The columns of a reader's terminal, or those that somebody named; a pipe has no end. */
export const readerColumns = ({ isTerminal, columns, env }: Reader): number =>
  isTerminal || Number(env.COLUMNS) > 0 ? columns : Number.POSITIVE_INFINITY;

/** Lines that are broken each by itself, where somebody reads them on a terminal. */
export function fitLines(lines: readonly string[], reader: Reader): string {
  const columns = readerColumns(reader);
  const width = Number.isFinite(columns) ? Math.min(columns, WIDEST) : columns;
  return `${lines.flatMap((line) => wrapIndented(line, width)).join('\n')}\n`;
}

/** A line with its indentation: a term and its description, a command, or other words. */
function wrapIndented(line: string, width: number): string[] {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  const body = line.slice(indent.length);
  if (line.length <= width) return [line];
  const columns = /^(\S.*?)(\s{2,})(\S.*)$/.exec(body);
  const deeper = `${indent}    `;
  if (!columns) {
    if (!COMMAND.test(body)) return fill(wordsOf(body), indent, deeper, width);
    // Two columns less, for the backslash that goes on.
    const parts = fill(body.match(SHELL_WORD) ?? [], indent, deeper, width - 2);
    return parts.map((part, index) => (index < parts.length - 1 ? `${part} \\` : part));
  }
  const [, term = '', gap = '', description = ''] = columns;
  const at = indent.length + term.length + gap.length;
  const words = wordsOf(description);
  if (width - at >= LEAST_DESCRIPTION) {
    return fill(words, `${indent}${term}${gap}`, ' '.repeat(at), width);
  }
  return [...wrapIndented(`${indent}${term}`, width), ...fill(words, deeper, deeper, width)];
}

/** A blank inside quotes does not end a word of a shell. */
const SHELL_WORD = /(?:'[^']*'|"[^"]*"|\S)+/g;

const wordsOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** Words in lines of at most `width`; the first begins with `first`, the others with `rest`. */
function fill(words: readonly string[], first: string, rest: string, width: number): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
