// Reads the instants of lines from their bytes, as the client writes them: `"2026-11-21T10:00:00.000Z"`. Rule: what is
// written otherwise is left to the language's own parser, and what is read here is what that would read.
import { latin1Of } from '../../../runtime/bytes.ts';
import type { FieldReader } from './json-fields.ts';

const ZERO = 0x30;
const POINT = 0x2e;
const BIG_Z = 0x5a;
/** Of an instant with its quotes: its length, and where in it the seconds and their point stand. */
const INSTANT_BYTES = 26;
const SECONDS_AT = 18;
const POINT_AT = 20;
/** Midnight may also be written as the end of a day, but no moment after it. */
const USUAL_MINUTE = /^\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:$/;

export interface InstantReader {
  /** Epoch ms of the instant from `start` to `stop`, quotes included; `NaN` when it is not written as usual. */
  readonly read: (buffer: Buffer, start: number, stop: number) => number;
  /** The bytes that were read are others now. */
  readonly forget: () => void;
}

/** Most lines are of the minute of the line before them, so that only their seconds have to be read. */
export function instantReader({ isSame }: Pick<FieldReader, 'isSame'>): InstantReader {
  let minuteStart = 0;
  let minuteAt = Number.NaN;

  const readMinute = (buffer: Buffer, start: number): void => {
    const minute = latin1Of(buffer, start + 1, start + SECONDS_AT);
    minuteAt = USUAL_MINUTE.test(minute) ? Date.parse(`${minute}00.000Z`) : Number.NaN;
    minuteStart = start;
  };

  return {
    read: (buffer, start, stop) => {
      if (stop - start !== INSTANT_BYTES) return Number.NaN;
      if (buffer[start + POINT_AT] !== POINT) return Number.NaN;
      if (buffer[start + POINT_AT + 4] !== BIG_Z) return Number.NaN;
      if (minuteStart === 0 || !isSame(minuteStart, start, SECONDS_AT)) readMinute(buffer, start);
      const seconds = digitsAt(buffer, start + SECONDS_AT, 2);
      const at = minuteAt + seconds * 1_000 + digitsAt(buffer, start + POINT_AT + 1, 3);
      return seconds < 60 ? at : Number.NaN;
    },
    forget: () => {
      minuteStart = 0;
    },
  };
}

/** The number that a few digits make; `NaN` where one of them is none. */
export function digitsAt(buffer: Buffer, from: number, count: number): number {
  let number = 0;
  for (let at = from; at < from + count; at += 1) {
    const digit = (buffer[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}
