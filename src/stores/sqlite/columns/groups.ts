// Groups of lines by numbers that tell them apart, and their sums. Rule: pure, and column after column: plain loops
// over arrays of numbers, so that a million lines take some hundredths of a second.
import type { Column } from './encode-columns.ts';

/** The part, and the code, of a line that does not count. */
export const LEFT_OUT = -1;
/** Its group; others follow it. */
const NOWHERE = 0;
const ROOM_AT_FIRST = 1_024;
/** Up to this range a code's group is looked up at its place instead of searched for. */
const DIRECT_RANGE = 2 ** 21;
/** Above it a whole number is no longer exact. */
const EXACT = 2 ** 53;

export interface Grouper {
  readonly count: () => number;
  /** Numbers codes from 1 on, in the order in which they come first; what is left out becomes 0. */
  readonly group: (
    codes: Float64Array,
    into: Int32Array,
    lineCount: number,
    onNew: (line: number) => void,
  ) => void;
}

/** `range` is above every code. */
export function grouper(range: number): Grouper {
  let count = 0;
  const numberOf = range <= DIRECT_RANGE ? directly(range) : searching();
  return {
    count: () => count,
    group: (codes, into, lineCount, onNew) => {
      let last = LEFT_OUT;
      let lastNumber = NOWHERE;
      for (let line = 0; line < lineCount; line += 1) {
        const code = codes[line] as number;
        if (code !== last) {
          last = code;
          lastNumber = code === LEFT_OUT ? NOWHERE : numberOf(code, count + 1);
          if (lastNumber > count) {
            count = lastNumber;
            onNew(line);
          }
        }
        into[line] = lastNumber;
      }
    },
  };
}

/** Answers the number of a code; `next` where it had none. */
type NumberOf = (code: number, next: number) => number;

function directly(range: number): NumberOf {
  const numbers = new Int32Array(range + 1);
  return (code, next) => {
    const number = numbers[code] as number;
    if (number !== 0) return number;
    numbers[code] = next;
    return next;
  };
}

function searching(): NumberOf {
  let slots = new Int32Array(2 * ROOM_AT_FIRST);
  let known = new Float64Array(ROOM_AT_FIRST);
  const grow = (count: number) => {
    const codes = new Float64Array(2 * known.length);
    codes.set(known);
    known = codes;
    slots = new Int32Array(2 * slots.length);
    const mask = slots.length - 1;
    for (let number = 1; number <= count; number += 1) {
      let slot = spread(known[number] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
  };
  return (code, next) => {
    const mask = slots.length - 1;
    let slot = spread(code) & mask;
    for (;;) {
      const number = slots[slot] as number;
      if (number === 0) break;
      if (known[number] === code) return number;
      slot = (slot + 1) & mask;
    }
    slots[slot] = next;
    known[next] = code;
    if (next + 2 > known.length) grow(next);
    return next;
  };
}

/** A whole number of up to 53 bits as 32 well mixed ones. */
export function spread(value: number): number {
  const mixed = Math.imul((value | 0) ^ Math.imul((value / 2 ** 32) | 0, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

export interface Folder {
  /** Above every code. */
  readonly range: number;
  /** The parts of each line as one code. */
  readonly fold: (parts: readonly Float64Array[], lineCount: number) => Float64Array;
}

/** `ranges` are above every number of each part; `totalCount` is of all lines that will come. */
export function folder(ranges: readonly number[], totalCount: number): Folder {
  const codes = new Float64Array(ranges.length === 1 ? 0 : totalCount);
  let range = 1;
  const steps = ranges.map((next) => {
    // What no number could hold any more is numbered anew: there are no more codes than lines.
    const anew = range * next >= EXACT ? grouper(range) : null;
    range = (anew === null ? range : totalCount + 1) * next;
    return { range: next, anew };
  });
  return {
    range,
    fold: (parts, lineCount) => {
      if (parts.length === 1) return parts[0] as Float64Array;
      codes.fill(0, 0, lineCount);
      for (const [index, { range: next, anew }] of steps.entries()) {
        if (anew !== null) numberAnew(anew, codes, lineCount);
        foldIn(parts[index] as Float64Array, next, codes, lineCount);
      }
      return codes;
    },
  };
}

function foldIn(part: Float64Array, range: number, codes: Float64Array, lineCount: number): void {
  for (let line = 0; line < lineCount; line += 1) {
    const number = part[line] as number;
    const code = codes[line] as number;
    codes[line] = number === LEFT_OUT || code === LEFT_OUT ? LEFT_OUT : code * range + number;
  }
}

function numberAnew(anew: Grouper, codes: Float64Array, lineCount: number): void {
  const numbers = new Int32Array(lineCount);
  anew.group(codes, numbers, lineCount, () => {});
  for (let line = 0; line < lineCount; line += 1) {
    if (codes[line] !== LEFT_OUT) codes[line] = numbers[line] as number;
  }
}

/** Adds each line of a column to its group's sum. */
export function addColumn(
  { lineCount, base, offsets }: Column,
  groups: Int32Array,
  sums: Float64Array,
): void {
  if (offsets === null) {
    if (base === 0) return;
    for (let line = 0; line < lineCount; line += 1) {
      const group = groups[line] as number;
      sums[group] = (sums[group] as number) + base;
    }
    return;
  }
  for (let line = 0; line < lineCount; line += 1) {
    const group = groups[line] as number;
    sums[group] = (sums[group] as number) + base + (offsets[line] as number);
  }
}

/** First and last instant of each group. */
export interface Times {
  readonly firstAt: Float64Array;
  readonly lastAt: Float64Array;
}

export const timesFor = (groupCount: number): Times => ({
  firstAt: new Float64Array(groupCount).fill(Number.POSITIVE_INFINITY),
  lastAt: new Float64Array(groupCount).fill(Number.NEGATIVE_INFINITY),
});

/** `span` is how much later a line ends than `at`; `null`: at once. */
export function addTimes(
  at: Float64Array,
  span: Float64Array | null,
  groups: Int32Array,
  lineCount: number,
  { firstAt, lastAt }: Times,
): void {
  for (let line = 0; line < lineCount; line += 1) {
    const group = groups[line] as number;
    const time = at[line] as number;
    const end = span === null ? time : time + (span[line] as number);
    if (time < (firstAt[group] as number)) firstAt[group] = time;
    if (end > (lastAt[group] as number)) lastAt[group] = end;
  }
}
