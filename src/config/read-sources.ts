// The text of a configuration file, or why there is none. Rule: absence is normal; any other failure is reported.
import { readFileSync, statSync } from 'node:fs';
import type { ConfigSource } from './paths.ts';

/** `text` is `null` when the file is absent (`code` null too) or could not be read (`code` says why). */
export interface SourceText {
  readonly file: string;
  readonly text: string | null;
  readonly code: string | null;
}

/** Reads every file, in order. */
export function readSources(sources: readonly ConfigSource[]): readonly SourceText[] {
  return sources.map(({ file }) => {
    try {
      // Most files are not there, and an exception for each would cost a hook a tenth of a millisecond.
      if (!statSync(file, { throwIfNoEntry: false })) return { file, text: null, code: null };
      return { file, text: readFileSync(file, 'utf8'), code: null };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
      // A path through something that is no folder has no file at its end.
      return { file, text: null, code: code === 'ENOENT' || code === 'ENOTDIR' ? null : code };
    }
  });
}
