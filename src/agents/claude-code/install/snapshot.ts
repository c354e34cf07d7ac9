// Files as they were before something was written, to put back when it does not work. Rule: bytes and modes come back
// exactly, and what was made is gone again.
import { dirname } from 'node:path';
import {
  makeFolder,
  modeOf,
  readBytes,
  removeEmptyFolders,
  removeFile,
  replaceFile,
  targetOf,
} from './files.ts';

/** Reads the files now, absent ones too; the function it gives puts them back as they are now. */
export function takeSnapshot(paths: readonly string[]): () => void {
  const kept = paths.map((path) => {
    const file = targetOf(path);
    return {
      file,
      bytes: readBytes(file),
      mode: modeOf(file) ?? 0o644,
      missing: missingFolder(file),
    };
  });
  return () => {
    for (const { file, bytes, mode, missing } of kept) {
      const now = readBytes(file);
      if (bytes === null) {
        removeFile(file);
        if (missing !== null) removeEmptyFolders(dirname(file), missing);
      } else if (now === null || !now.equals(bytes)) {
        makeFolder(dirname(file));
        replaceFile(file, bytes, mode);
      }
    }
  };
}

/** The outermost folder of a path that is not there; `null` when all are. */
function missingFolder(file: string): string | null {
  let missing: string | null = null;
  for (let folder = dirname(file); modeOf(folder) === null; folder = dirname(folder)) {
    missing = folder;
  }
  return missing;
}
