// Lines of the ledger as columns of numbers, in which a report adds up a million of them sooner than SQL a tenth.
// Rule: pure; what is decoded equals what was encoded, and a column takes no more bytes a line than it needs.
import { textHash } from '../../../domain/text-hash.ts';
import { SUM_COLUMNS } from '../../columns.ts';

/** What tells lines apart: `turn` is a place in the texts kept beside, `provenance` one in their list. */
export const KEY_COLUMNS = ['session', 'attribution', 'provenance', 'turn'] as const;

/** What is kept of a line. `at` is epoch ms; a line that stands for several ends `span` ms later. */
export const COLUMNS = [...KEY_COLUMNS, 'at', 'span', ...SUM_COLUMNS] as const;
export type ColumnName = (typeof COLUMNS)[number];

type Offsets = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The value of a line is `base` and its offset together; without offsets all lines have the same one. */
export interface Column {
  readonly lineCount: number;
  readonly base: number;
  readonly offsets: Offsets | null;
}

/** Before the offsets: the base (8 bytes), how many bytes one of them takes (4), how many lines there are (4). */
const HEADER_BYTES = 16;

function encodeColumn(column: Column): Uint8Array {
  const { lineCount } = column;
  const values = column.offsets === null ? null : valuesOf(column);
  const [low, high] = values === null ? [column.base, column.base] : rangeOf(values);
  const width = widthOf(high - low);
  // What needs no more room as it is stays as it is; a sum of its own for each line takes longer.
  const base = width === 8 || (low >= 0 && width > 0 && widthOf(high) === width) ? 0 : low;
  const bytes = new Uint8Array(HEADER_BYTES + width * lineCount);
  const header = new DataView(bytes.buffer);
  header.setFloat64(0, base, true);
  header.setUint32(8, width, true);
  header.setUint32(12, lineCount, true);
  const offsets = offsetsIn(bytes, width);
  // One loop over numbers of one kind; the language itself makes another kind of them.
  if (values !== null) offsets?.set(base === 0 ? values : values.map((value) => value - base));
  return bytes;
}

/** A column of numbers as they are; where all of them are the same, it is told so. */
export function plainColumn(values: Float64Array): Column {
  const [low, high] = rangeOf(values);
  const lineCount = values.length;
  return low === high
    ? { lineCount, base: low, offsets: null }
    : { lineCount, base: 0, offsets: values };
}

/** The values of a column in full; not to be changed, since they may be its own. */
export function valuesOf(column: Column): Float64Array {
  const { lineCount, base, offsets } = column;
  if (base === 0 && offsets instanceof Float64Array) return offsets;
  const values = new Float64Array(lineCount);
  expand(column, values);
  return values;
}

/** The least and the greatest; 0 and 0 of none. By itself, so that V8 keeps the code it makes of a loop that ends once. */
export function rangeOf(values: Float64Array): readonly [number, number] {
  let low = values[0] ?? 0;
  let high = low;
  for (let index = 1; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return [low, high];
}

function decodeColumn(all: Uint8Array, at: number): { column: Column; length: number } {
  const header = new DataView(all.buffer, all.byteOffset + at);
  const [width, lineCount] = [header.getUint32(8, true), header.getUint32(12, true)];
  const length = HEADER_BYTES + width * lineCount;
  const offsets = offsetsIn(all.subarray(at, at + length), width);
  return { column: { lineCount, base: header.getFloat64(0, true), offsets }, length };
}

function widthOf(range: number): 0 | 1 | 2 | 4 | 8 {
  if (range === 0) return 0;
  if (range < 2 ** 8) return 1;
  if (range < 2 ** 16) return 2;
  return range < 2 ** 32 ? 4 : 8;
}

function offsetsIn(bytes: Uint8Array, width: number): Offsets | null {
  if (width === 0) return null;
  const { byteOffset, length } = bytes;
  const buffer = bytes.buffer as ArrayBuffer;
  const Kind =
    width === 1 ? Uint8Array : width === 2 ? Uint16Array : width === 4 ? Uint32Array : Float64Array;
  return new Kind(buffer, byteOffset + HEADER_BYTES, (length - HEADER_BYTES) / width);
}

/** All columns as one piece, each at a place that suits its numbers. */
export function encodeColumns(columns: readonly Column[]): Uint8Array {
  const parts = columns.map(encodeColumn);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + aligned(length), 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += aligned(part.length);
  }
  return bytes;
}

export function decodeColumns(bytes: Uint8Array): Column[] {
  // Typed arrays want their numbers aligned; what the driver hands out mostly is.
  const all = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const columns: Column[] = [];
  for (let at = 0; at < all.length; ) {
    const { column, length } = decodeColumn(all, at);
    columns.push(column);
    at += aligned(length);
  }
  return columns;
}

const aligned = (length: number): number => Math.ceil(length / 8) * 8;

/** Writes a column out in full, one number a line. */
export function expand({ lineCount, base, offsets }: Column, into: Float64Array, at = 0): void {
  if (offsets === null) {
    into.fill(base, at, at + lineCount);
    return;
  }
  for (let index = 0; index < lineCount; index += 1) {
    into[at + index] = base + (offsets[index] as number);
  }
}

/** Texts that lines name by their place; with a hash of each, so that equal ones are found without reading them. */
export interface Texts {
  readonly count: number;
  readonly hashes: Float64Array;
  readonly textOf: (index: number) => string;
}

export function encodeTexts(texts: readonly string[]): Uint8Array {
  const joined = Buffer.from(texts.join(''), 'utf8');
  const count = texts.length;
  const bytes = new Uint8Array(8 + 12 * count + joined.length);
  const hashes = new Float64Array(bytes.buffer, 8, count);
  const ends = new Uint32Array(bytes.buffer, 8 + 8 * count, count);
  new DataView(bytes.buffer).setUint32(0, count, true);
  const isPlain = joined.length === texts.reduce((sum, { length }) => sum + length, 0);
  let end = 0;
  for (const [index, text] of texts.entries()) {
    end += isPlain ? text.length : Buffer.byteLength(text);
    hashes[index] = hashOf(text);
    ends[index] = end;
  }
  bytes.set(joined, 8 + 12 * count);
  return bytes;
}

export function decodeTexts(bytes: Uint8Array): Texts {
  const { buffer, byteOffset, length } = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const count = new DataView(buffer, byteOffset).getUint32(0, true);
  const ends = new Uint32Array(buffer, byteOffset + 8 + 8 * count, count);
  const text = Buffer.from(buffer, byteOffset + 8 + 12 * count, length - 8 - 12 * count);
  let whole: string | null = null;
  return {
    count,
    hashes: new Float64Array(buffer, byteOffset + 8, count),
    textOf: (index) => {
      const [from, to] = [index === 0 ? 0 : (ends[index - 1] as number), ends[index] as number];
      whole ??= text.toString('utf8');
      // Where every letter is one byte, a part of the text is cut out instead of read again.
      return whole.length === text.length ? whole.slice(from, to) : text.toString('utf8', from, to);
    },
  };
}

/** Fifty-two bits of the text's hash, exact in a double. */
function hashOf(text: string): number {
  const [high, low] = textHash(text);
  return high * 2 ** 20 + (low >>> 12);
}
