// The two ends of a file as text, for whoever need not read the whole. Rule: what cannot be read is thrown, and no file stays open.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The first bytes of a file, at most so many. */
export const readHead = (path: string, maxBytes: number): string => readPart(path, maxBytes, false);

/** The last bytes of a file, at most so many. */
export const readTail = (path: string, maxBytes: number): string => readPart(path, maxBytes, true);

function readPart(path: string, maxBytes: number, isEnd: boolean): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, maxBytes));
    const from = isEnd ? size - bytes.length : 0;
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}
