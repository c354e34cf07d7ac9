// Writes a file piece by piece. Rule: whole or not at all; what was there before stays until the new one is complete.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { TollgateError } from '../errors.ts';

/** Throws `TollgateError` `OUT_UNWRITABLE`. */
export function writeWhole(file: string, pieces: Iterable<string>): void {
  const temporary = `${file}.${process.pid}.part`;
  try {
    const handle = openSync(temporary, 'w', 0o600);
    try {
      for (const piece of pieces) writeSync(handle, piece);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (cause) {
    rmSync(temporary, { force: true });
    if (cause instanceof TollgateError) throw cause;
    throw new TollgateError({
      code: 'OUT_UNWRITABLE',
      message: `${file} cannot be written: ${(cause as Error).message}`,
      hint: 'give another path to --out',
      cause,
    });
  }
}
