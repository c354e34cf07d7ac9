// Steps through the fields of JSON objects, sixteen bytes at a time where nothing else is to be seen; see
// `json-fields.ts`, which lays out the memory. AssemblyScript: the build compiles it to WebAssembly, because code that
// a just-in-time compiler has to learn first would read most of a machine's transcripts before it is quick.
// Rule: what is stepped over is whole, as a writer without spaces writes it; anything else is answered by NOWHERE.

const NOWHERE: i32 = -1;
const NEWLINE: u8 = 0x0a;
const QUOTE: u8 = 0x22;
const PLUS: u8 = 0x2b;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;
const ZERO: u8 = 0x30;
const NINE: u8 = 0x39;
const COLON: u8 = 0x3a;
const BIG_E: u8 = 0x45;
const OPEN_LIST: u8 = 0x5b;
const BACKSLASH: u8 = 0x5c;
const CLOSE_LIST: u8 = 0x5d;
const SMALL_A: u8 = 0x61;
const SMALL_E: u8 = 0x65;
const SMALL_F: u8 = 0x66;
const SMALL_N: u8 = 0x6e;
const SMALL_T: u8 = 0x74;
const SMALL_U: u8 = 0x75;
const OPEN: u8 = 0x7b;
const CLOSE: u8 = 0x7d;
/** `true`, `null`, and `alse`, as four bytes are loaded. */
const TRUE: u32 = 0x65757274;
const NULL: u32 = 0x6c6c756e;
const ALSE: u32 = 0x65736c61;
/** Levels that are counted in the bits of one number; what is nested deeper is left to a parser. */
const MOST_LEVELS: i32 = 30;
/** Names this long are not looked for. */
const NAME_LENGTHS: i32 = 32;

let foundCount: i32 = 0;

/**
 * Finds the fields of `table` in the object at `from`, and fills the `slotBytes` from `slots` on; answers where the
 * newline behind the object is.
 */
export function read(from: i32, table: i32, slots: i32, slotBytes: i32): i32 {
  if (load<u8>(from) !== OPEN) return NOWHERE;
  memory.fill(slots, 0xff, slotBytes);
  foundCount = 0;
  const end = readObject(from, table);
  return end !== NOWHERE && load<u8>(end) === NEWLINE ? end : NOWHERE;
}

/** How many objects the list held that was read last. */
export function found(): i32 {
  return foundCount;
}

/** Whether the same bytes stand in two places. */
export function isSame(at: i32, other: i32, length: i32): bool {
  let done = 0;
  for (; done + 16 <= length; done += 16) {
    if (v128.any_true(v128.xor(v128.load(at + done), v128.load(other + done)))) return false;
  }
  for (; done < length; done += 1) {
    if (load<u8>(at + done) !== load<u8>(other + done)) return false;
  }
  return true;
}

/** Whether the bytes of a text stand for themselves: nothing but ASCII, and no escape. */
export function isPlain(at: i32, length: i32): bool {
  let done = 0;
  for (; done + 16 <= length; done += 16) {
    const bytes = v128.load(at + done);
    const escapes = i8x16.eq(bytes, i8x16.splat(BACKSLASH));
    if (i8x16.bitmask(v128.or(bytes, escapes)) !== 0) return false;
  }
  for (; done < length; done += 1) {
    const byte = load<u8>(at + done);
    if (byte > 0x7f || byte === BACKSLASH) return false;
  }
  return true;
}

function readObject(from: i32, table: i32): i32 {
  let at = from + 1;
  if (load<u8>(at) === CLOSE) return at + 1;
  while (true) {
    if (load<u8>(at) !== QUOTE) return NOWHERE;
    const name = at + 1;
    at = endOfName(name);
    if (at === NOWHERE || load<u8>(at + 1) !== COLON) return NOWHERE;
    const field = fieldOf(table, name, at - name);
    const start = at + 2;
    at = field === 0 ? endOfValue(start) : readField(field, start);
    if (at === NOWHERE) return NOWHERE;
    const next = load<u8>(at);
    if (next === CLOSE) return at + 1;
    if (next !== COMMA) return NOWHERE;
    at += 1;
  }
}

/** A field is: the next one of its length, its slot, what is inside it, whether that is a list, and its name. */
function fieldOf(table: i32, name: i32, length: i32): i32 {
  if (length >= NAME_LENGTHS) return 0;
  let field = load<i32>(table + (length << 2));
  while (field !== 0 && !isSame(field + 16, name, length)) field = load<i32>(field);
  return field;
}

function readField(field: i32, start: i32): i32 {
  const slot = load<i32>(field + 4);
  const inside = load<i32>(field + 8);
  const first = load<u8>(start);
  let end: i32;
  if (inside === 0) {
    end = endOfValue(start);
  } else {
    // Of two fields of one name the second counts, with all that is inside it.
    if (load<i32>(slot) !== NOWHERE) return NOWHERE;
    const isList = load<i32>(field + 12) !== 0;
    if (isList && first === OPEN_LIST) end = readList(start, inside);
    else if (!isList && first === OPEN) end = readObject(start, inside);
    else end = endOfValue(start);
  }
  store<i32>(slot, start);
  store<i32>(slot + 4, end);
  return end;
}

/** The slots of each object are filled in one place, and kept one behind the other from there on. */
function readList(from: i32, inside: i32): i32 {
  const table = load<i32>(inside);
  const slots = load<i32>(inside + 4);
  const slotBytes = load<i32>(inside + 8);
  const mostCount = load<i32>(inside + 12);
  let at = from + 1;
  if (load<u8>(at) === CLOSE_LIST) return at + 1;
  while (true) {
    if (load<u8>(at) === OPEN) {
      if (foundCount === mostCount) return NOWHERE;
      memory.fill(slots, 0xff, slotBytes);
      at = readObject(at, table);
      foundCount += 1;
      memory.copy(slots + slotBytes * foundCount, slots, slotBytes);
    } else {
      at = endOfValue(at);
    }
    if (at === NOWHERE) return NOWHERE;
    const next = load<u8>(at);
    if (next === CLOSE_LIST) return at + 1;
    if (next !== COMMA) return NOWHERE;
    at += 1;
  }
}

/** Where a name ends, its closing quote. One with an escape in it may be any name. */
function endOfName(from: i32): i32 {
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const stops = v128.or(
      i8x16.eq(bytes, i8x16.splat(QUOTE)),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    );
    const mask = i8x16.bitmask(v128.or(stops, i8x16.eq(bytes, i8x16.splat(BACKSLASH))));
    if (mask !== 0) {
      at += ctz(mask);
      return load<u8>(at) === QUOTE ? at : NOWHERE;
    }
    at += 16;
  }
}

/** Where a string ends, its closing quote; no control character stands in one. */
function endOfString(from: i32): i32 {
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const mask = i8x16.bitmask(
      v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.lt_u(bytes, i8x16.splat(0x20))),
    );
    if (mask === 0) {
      at += 16;
      continue;
    }
    at += ctz(mask);
    if (load<u8>(at) !== QUOTE) return NOWHERE;
    let before = at - 1;
    while (load<u8>(before) === BACKSLASH) before -= 1;
    if ((at - before) & 1) return at;
    at += 1;
  }
}

function isOfNumber(byte: u8): bool {
  if (byte >= ZERO && byte <= NINE) return true;
  return byte === MINUS || byte === PLUS || byte === POINT || byte === SMALL_E || byte === BIG_E;
}

/** The first byte behind the value at `at`. */
function endOfValue(at: i32): i32 {
  const byte = load<u8>(at);
  if (byte === QUOTE) {
    const end = endOfString(at + 1);
    return end === NOWHERE ? NOWHERE : end + 1;
  }
  if (byte === OPEN || byte === OPEN_LIST) return endOfNested(at);
  if (byte === SMALL_T) return load<u32>(at) === TRUE ? at + 4 : NOWHERE;
  if (byte === SMALL_N) return load<u32>(at) === NULL ? at + 4 : NOWHERE;
  if (byte === SMALL_F) return load<u32>(at + 1) === ALSE ? at + 5 : NOWHERE;
  let end = at;
  while (isOfNumber(load<u8>(end))) end += 1;
  return end === at ? NOWHERE : end;
}

/** The same of an object or a list that nothing is looked for in. */
function endOfNested(from: i32): i32 {
  let at = from;
  let level: i32 = 0;
  let lists: i32 = 0;
  while (true) {
    const byte = load<u8>(at);
    if (byte === QUOTE) {
      at = endOfString(at + 1);
      if (at === NOWHERE) return NOWHERE;
    } else if (byte === OPEN || byte === OPEN_LIST) {
      if (level === MOST_LEVELS) return NOWHERE;
      lists = (lists << 1) | i32(byte === OPEN_LIST);
      level += 1;
    } else if (byte === CLOSE || byte === CLOSE_LIST) {
      if ((lists & 1) !== i32(byte === CLOSE_LIST)) return NOWHERE;
      lists >>= 1;
      level -= 1;
      if (level === 0) return at + 1;
    } else if (byte !== COMMA && byte !== COLON && !isOfNumber(byte)) {
      // The letters of true, false and null.
      if (byte < SMALL_A || byte > SMALL_U) return NOWHERE;
    }
    at += 1;
  }
}
