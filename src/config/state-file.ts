// Small files of the state folder that many processes read and any may write. Rule: a reader sees the
// old file or the new one; a file that cannot be written costs time, nothing else.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Writes beside the file and renames; what cannot be made, or not be written, leaves things as they were. */
export function writeStateFile(file: string, make: () => string | Buffer): void {
  const temporary = `${file}.${process.pid}.${process.hrtime.bigint()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      const data = make();
      if (typeof data === 'string') writeSync(handle, data);
      else writeSync(handle, data);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made: a full disk, or a folder that is not ours to write.
    }
  }
}
