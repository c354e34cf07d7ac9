// A small unified diff, for people who want to see what would be written. Rule: pure; for files of a few hundred lines.

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

const CONTEXT = 3;

/** The lines that differ with three around them; empty when nothing does. Line ends are shown as they are read. */
export function diffText(before: string, after: string, name = 'settings.json'): string {
  if (before === after) return '';
  const lines = compare(linesOf(before), linesOf(after));
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== ' '),
  );
  const out = [`--- ${name}`, `+++ ${name}`];
  let oldLine = 1;
  let newLine = 1;
  for (const [index, { mark, text }] of lines.entries()) {
    if (shown[index] && !shown[index - 1]) {
      const end = shown.indexOf(false, index);
      const hunk = lines.slice(index, end < 0 ? lines.length : end);
      const oldCount = hunk.filter((line) => line.mark !== '+').length;
      const newCount = hunk.filter((line) => line.mark !== '-').length;
      out.push(`@@ -${start(oldLine, oldCount)} +${start(newLine, newCount)} @@`);
    }
    if (shown[index]) out.push(mark + text);
    if (mark !== '+') oldLine += 1;
    if (mark !== '-') newLine += 1;
  }
  return `${out.join('\n')}\n`;
}

const start = (line: number, count: number): string => `${count === 0 ? line - 1 : line},${count}`;

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** What both have at either end is the same; between, the longest common subsequence decides. */
function compare(a: readonly string[], b: readonly string[]): Line[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail))
    tail += 1;
  const same = (text: string): Line => ({ mark: ' ', text });
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

function middle(a: readonly string[], b: readonly string[]): Line[] {
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const longest = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      (common[i] as Uint32Array)[j] = longest;
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: ' ', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: '-', text: a[i] ?? '' });
      i += 1;
    } else {
      lines.push({ mark: '+', text: b[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}
