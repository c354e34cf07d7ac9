// Finds the fields of JSON objects in bytes, many lines after another, without making anything of what it does not look
// for. Rule: it either finds what a parser would find, or says that it is not certain.
import { CODE } from './json-fields-code.ts';

/** There is no such value. */
export const NOWHERE = -1;

/** Where the lines are put, behind room for tables and slots. */
const LINES_AT = 64 * 1024;
const PAGE_BYTES = 64 * 1024;
const SLOTS_AT = 1_024;
const LIST_AT = 4_096;
const TABLES_AT = 16 * 1024;
/** The last lines may be looked at a little beyond their end. */
const SLACK_BYTES = 64;
const SLOT_BYTES = 8;
/** Names are told apart by their length first; longer ones are not looked for. */
const NAME_LENGTHS = 32;
const ENTRY_BYTES = 16;
/** Objects of a list that are told of; a line with more is left to a parser. */
const MOST_IN_LIST = 32;

/** Fields to look for: a plain one, an object's own fields, or the plain fields of each object in a list. */
export interface Fields {
  readonly [name: string]: null | Fields | readonly [Readonly<Record<string, null>>];
}

/** As much of WebAssembly as is used here; the language's own library describes it for browsers only. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** What `json-fields.as.ts` exports. */
interface Code {
  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pageCount: number) => number };
  readonly read: (from: number, table: number, slots: number, slotBytes: number) => number;
  readonly found: () => number;
  readonly isSame: (at: number, other: number, length: number) => number;
  readonly isPlain: (at: number, length: number) => number;
}

/** Finds the same fields in line after line. */
export interface FieldReader {
  /**
   * Where in `slots()` a field is told of, by its path (`message.id`): where its value begins, `NOWHERE` for none; the
   * next number is where it ends. What is in a list is told of by `foundSlot`.
   */
  readonly slotOf: (path: string) => number;
  readonly foundSlot: (index: number, name: string) => number;
  /** Where bytes can be put that `load` then need not copy; valid until the next `room` or `load`. */
  readonly room: (length: number) => Buffer;
  /** Takes lines over, the last of which ends with a newline. */
  readonly load: (lines: Uint8Array) => void;
  /** The lines, among other bytes; valid until the next `load`. */
  readonly buffer: () => Buffer;
  /** Where the first line begins. */
  readonly start: number;
  /** Finds the fields of the line at `at`; answers where its newline is, or `NOWHERE` when a parser must read it. */
  readonly read: (at: number) => number;
  readonly slots: () => Int32Array;
  /** How many objects the list of the line held. */
  readonly foundCount: () => number;
  readonly isSame: (at: number, other: number, length: number) => boolean;
  /** Whether bytes are ASCII without an escape. */
  readonly isPlain: (at: number, length: number) => boolean;
}

/** `null` where there is no WebAssembly, or none with the instructions for sixteen bytes at once. */
export function fieldReader(fields: Fields): FieldReader | null {
  const code = instantiate();
  if (code === null) return null;
  const { memory } = code;
  const paths = new Map<string, number>();
  const listNames = new Map<string, number>();
  let nextSlot = SLOTS_AT;
  let nextTable = TABLES_AT;
  const take = (byteCount: number): number => {
    const at = nextTable;
    nextTable += (byteCount + 3) & ~3;
    return at;
  };
  let ints = new Int32Array(memory.buffer);

  const writeTable = (of: Fields, slotOf: (name: string) => number, prefix: string): number => {
    const table = take(NAME_LENGTHS * 4);
    for (const [name, inside] of Object.entries(of)) {
      const entry = take(ENTRY_BYTES + name.length);
      const byLength = (table >> 2) + name.length;
      const child = inside === null ? 0 : writeChild(inside, `${prefix}${name}.`);
      ints.set([ints[byLength] ?? 0, slotOf(name), child, isList(inside) ? 1 : 0], entry >> 2);
      ints[byLength] = entry;
      Buffer.from(memory.buffer).write(name, entry + ENTRY_BYTES, 'latin1');
    }
    return table;
  };
  const writeChild = (inside: NonNullable<Fields[string]>, prefix: string): number => {
    if (!isList(inside)) return writeTable(inside, slotFor(prefix), prefix);
    const [element] = inside;
    const names = Object.keys(element);
    for (const [index, name] of names.entries()) listNames.set(name, index * SLOT_BYTES);
    const table = writeTable(element, (name) => LIST_AT + (listNames.get(name) ?? 0), prefix);
    const child = take(16);
    ints.set([table, LIST_AT, names.length * SLOT_BYTES, MOST_IN_LIST], child >> 2);
    return child;
  };
  const slotFor = (prefix: string) => (name: string) => {
    const slot = nextSlot;
    nextSlot += SLOT_BYTES;
    paths.set(prefix + name, slot);
    return slot;
  };
  const top = writeTable(fields, slotFor(''), '');
  const slotBytes = nextSlot - SLOTS_AT;
  let buffer = Buffer.from(memory.buffer);
  const makeRoom = (length: number) => {
    const missing = LINES_AT + length + SLACK_BYTES - memory.buffer.byteLength;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / PAGE_BYTES));
    buffer = Buffer.from(memory.buffer);
    ints = new Int32Array(memory.buffer);
  };

  return {
    slotOf: (path) => (paths.get(path) ?? Number.NaN) >> 2,
    foundSlot: (index, name) =>
      (LIST_AT + listNames.size * SLOT_BYTES * (index + 1) + (listNames.get(name) ?? 0)) >> 2,
    room: (length) => {
      makeRoom(length);
      return buffer.subarray(LINES_AT, LINES_AT + length);
    },
    load: (lines) => {
      if (lines.buffer === memory.buffer && lines.byteOffset === LINES_AT) return;
      makeRoom(lines.length);
      buffer.set(lines, LINES_AT);
    },
    buffer: () => buffer,
    start: LINES_AT,
    read: (at) => code.read(at, top, SLOTS_AT, slotBytes),
    slots: () => ints,
    foundCount: () => code.found(),
    isSame: (at, other, length) => code.isSame(at, other, length) !== 0,
    isPlain: (at, length) => code.isPlain(at, length) !== 0,
  };
}

const isList = (inside: Fields[string]): inside is readonly [Readonly<Record<string, null>>] =>
  Array.isArray(inside);

function instantiate(): Code | null {
  try {
    const module = new WebAssembly.Module(Buffer.from(CODE, 'base64'));
    return new WebAssembly.Instance(module).exports as Code;
  } catch {
    return null; // switched off, or a processor of before 2008
  }
}
