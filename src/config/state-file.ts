// Small files of the state folder that many processes read and any may write. Rule: a reader sees the
// old file or the new one; a file that cannot be written costs time, nothing else; one that somebody else may have written is not read.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { hasModes, renameOver } from '../runtime/files.ts';
import { isOwnUid } from '../runtime/owners.ts';

const READ_NO_LINK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Permission bits that let others write. */
const OTHERS_WRITE = 0o022;

/** The bytes of a file that only this user can have written; throws for a link, another's file, or one that others may write. */
export function readStateFile(file: string): Buffer {
  const handle = openSync(file, READ_NO_LINK);
  try {
    const { size, uid, mode } = fstatSync(handle);
    const isRegular = (mode & constants.S_IFMT) === constants.S_IFREG;
    const isPrivate = !hasModes || (mode & OTHERS_WRITE) === 0;
    if (!isRegular || !isOwnUid(uid) || !isPrivate)
      throw new Error(`${file} may be of somebody else`);
    const bytes = Buffer.allocUnsafeSlow(size);
    if (readSync(handle, bytes, 0, size, 0) !== size) throw new Error(`${file} was cut short`);
    return bytes;
  } finally {
    closeSync(handle);
  }
}

/**
 * Writes beside the file and renames; what cannot be made, or not be written, leaves things as they were. `isLasting`: a
 * power cut does not take it back.
 */
export function writeStateFile(
  file: string,
  make: () => string | Buffer,
  isLasting: boolean = true,
): void {
  const temporary = `${file}.${process.pid}.${process.hrtime.bigint()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      const data = make();
      if (typeof data === 'string') writeSync(handle, data);
      else writeSync(handle, data);
      if (isLasting) fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameOver(temporary, file);
  } catch {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made: a full disk, or a folder that is not ours to write.
    }
  }
}
