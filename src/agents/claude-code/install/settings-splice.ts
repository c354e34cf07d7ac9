// Adding to and taking from a JSON text without touching the rest of it: comments, spaces, line ends, trailing commas.
// Rule: pure; positions come from the parse tree, and only the text of the one entry is written or cut.
import type { Node } from 'jsonc-parser';

/** A list or object in a text, and how that text is written. */
interface Place {
  readonly text: string;
  readonly root: Node;
  readonly container: Node;
}

/** Appends to a list, or a property to an object when `key` is given. */
export function append(place: Place, value: unknown, key?: string): string {
  const { text, root, container } = place;
  const { eol, unit } = styleOf(text, root);
  const last = container.children?.at(-1);
  const multiline = isMultiline(place);
  const indent = multiline ? childIndent(place, unit) : '';
  const name = key === undefined ? '' : `${JSON.stringify(key)}: `;
  const item = name + (multiline ? written(value, indent, unit, eol) : JSON.stringify(value));
  const lead = multiline ? eol + indent : last ? ' ' : '';
  if (last === undefined) return appendFirst(place, lead + item, multiline, eol);
  const end = last.offset + last.length;
  const comma = commaAfter(text, end);
  const from = comma === null ? end : comma + 1;
  const at = multiline ? endOfRemarks(text, from) : from;
  const inserted = insertAt(text, at, comma === null ? lead + item : `${lead}${item},`);
  return comma === null ? insertAt(inserted, end, ',') : inserted;
}

function appendFirst(
  { text, container }: Place,
  item: string,
  multiline: boolean,
  eol: string,
): string {
  const open = container.offset + 1;
  const close = container.offset + container.length - 1;
  const inner = text.slice(open, close);
  const remarks = inner.trimEnd();
  const closing = multiline ? eol + lineIndent(text, container.offset) : '';
  if (remarks === '') return text.slice(0, open) + item + closing + text.slice(close);
  const at = open + remarks.length;
  // What stands after the remarks is kept; it must bring the closing bracket to a line of its own.
  const tail = /[\r\n]/.test(text.slice(at, close)) || !multiline ? text.slice(at, close) : closing;
  const apart = multiline ? item : `${eol}${item}${eol}`;
  return text.slice(0, at) + apart + tail + text.slice(close);
}

/** Replaces the text of one value. */
export function replace(place: Place, node: Node, value: unknown): string {
  const { text, root } = place;
  const { eol, unit } = styleOf(text, root);
  const indent = lineIndent(text, node.offset);
  const item = isMultiline(place) ? written(value, indent, unit, eol) : JSON.stringify(value);
  return text.slice(0, node.offset) + item + text.slice(node.offset + node.length);
}

/** Cuts one child of a list or object, with the comma and the space that belong to it. */
export function remove({ text, container }: Place, child: Node): string {
  const children = container.children ?? [];
  const before = children[children.indexOf(child) - 1];
  const end = child.offset + child.length;
  const commaBehind = commaAfter(text, end);
  const close = commaBehind !== null && text.slice(end, commaBehind).trim() === '';
  let cutEnd = close && commaBehind !== null ? commaBehind + 1 : end;
  const { start, eatsSpace } = cutStart(text, child.offset, cutEnd);
  if (eatsSpace) cutEnd += /^[ \t]*/.exec(text.slice(cutEnd))?.[0].length ?? 0;
  let next = text;
  if (commaBehind !== null && !close) next = cut(next, commaBehind, commaBehind + 1);
  next = cut(next, start, cutEnd);
  if (commaBehind !== null || before === undefined) return next;
  const commaBefore = commaAfter(text, before.offset + before.length);
  return commaBefore === null ? next : cut(next, commaBefore, commaBefore + 1);
}

/** Where to begin the cut. A line break stays when something follows that a remark before would swallow. */
function cutStart(text: string, offset: number, cutEnd: number) {
  let start = offset;
  while (start > 0 && /[ \t\r\n]/.test(text.charAt(start - 1))) start -= 1;
  const space = text.slice(start, offset);
  const restOfLineIsBlank = /^[ \t]*(?:[\r\n]|$)/.test(text.slice(cutEnd));
  const ownLine = /[\r\n]/.test(space);
  if (ownLine)
    return restOfLineIsBlank ? { start, eatsSpace: false } : { start: offset, eatsSpace: true };
  return { start, eatsSpace: space === '' && !restOfLineIsBlank };
}

const insertAt = (text: string, at: number, added: string): string =>
  text.slice(0, at) + added + text.slice(at);
const cut = (text: string, from: number, to: number): string =>
  text.slice(0, from) + text.slice(to);

/** Line end and one step of indentation, as the text has them; two spaces where it shows none. */
function styleOf(text: string, root: Node): { readonly eol: string; readonly unit: string } {
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const first = root.children?.[0];
  const unit = first && startsLine(text, first.offset) ? lineIndent(text, first.offset) : '';
  return { eol, unit: unit === '' ? '  ' : unit };
}

function isMultiline({ text, root, container }: Place): boolean {
  const first = container.children?.[0];
  if (first) return /[\r\n]/.test(text.slice(container.offset, first.offset));
  const oneLine = !/[\r\n]/.test(text.slice(root.offset, root.offset + root.length));
  return !(oneLine && (root.children?.length ?? 0) > 0);
}

function childIndent({ text, container }: Place, unit: string): string {
  const last = container.children?.at(-1);
  if (last && startsLine(text, last.offset)) return lineIndent(text, last.offset);
  return lineIndent(text, container.offset) + unit;
}

function lineIndent(text: string, offset: number): string {
  const start = lineStart(text, offset);
  let end = start;
  while (text[end] === ' ' || text[end] === '\t') end += 1;
  return text.slice(start, Math.min(end, offset));
}

function startsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}

function lineStart(text: string, offset: number): number {
  if (offset === 0) return 0;
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
}

function written(value: unknown, indent: string, unit: string, eol: string): string {
  return JSON.stringify(value, null, '\t')
    .split('\n')
    .map((line) => line.replace(/^\t+/, (tabs) => unit.repeat(tabs.length)))
    .join(eol + indent);
}

const SPACE_OR_REMARK = /(?:[ \t\r\n]+|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y;
const SPACE_OR_REMARK_ON_LINE = /(?:[ \t]+|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*(?:\/\/[^\r\n]*)?/y;

/** Offset of the comma that follows, behind remarks too; `null` when none does. */
function commaAfter(text: string, from: number): number | null {
  SPACE_OR_REMARK.lastIndex = from;
  const at = from + (SPACE_OR_REMARK.exec(text)?.[0].length ?? 0);
  return text[at] === ',' ? at : null;
}

/** End of the remarks that stand on the same line behind an entry, so that they stay with it. */
function endOfRemarks(text: string, from: number): number {
  SPACE_OR_REMARK_ON_LINE.lastIndex = from;
  const remarks = SPACE_OR_REMARK_ON_LINE.exec(text)?.[0] ?? '';
  return from + remarks.trimEnd().length;
}
