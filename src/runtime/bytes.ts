// Bytes as text. PURE. Rule: what `Buffer.toString` gives, by the two methods it comes down to; they are in no
// documentation, and in every version of Node. A process that runs for one event would compile five functions for the way
// to them, which takes longer than the text.

interface Slices {
  readonly latin1Slice: (start: number, end: number) => string;
  readonly utf8Slice: (start: number, end: number) => string;
}

/** One letter for each byte from `start` to `end`. */
export const latin1Of = (bytes: Buffer, start: number, end: number): string =>
  (bytes as Buffer & Slices).latin1Slice(start, end);

/** The bytes from `start` to `end` read as UTF-8; what is none becomes U+FFFD. */
export const utf8Of = (bytes: Buffer, start: number, end: number): string =>
  (bytes as Buffer & Slices).utf8Slice(start, end);
