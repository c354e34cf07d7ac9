// Whether the hooks are run by the program that they were run by when the watchdog began. Rule: files of another version are an upgrade, and no change.
import { readdirSync, readFileSync } from 'node:fs';
import { isOther, type KnownFile, lookAt } from '../config/installed-files.ts';

/** Notes how the files of a folder are now. `isChanged`: the same version says something else; stays so. */
export function watchProgram(folder: string = import.meta.dirname): {
  readonly isChanged: () => boolean;
} {
  const paths = namesIn(folder).map((name) => `${folder}/${name}`);
  const filesNow = (before: Files): Files =>
    paths.map((path, at) => lookAt(path, before[at], true) ?? undefined);
  const version = versionOf(folder);
  const first = filesNow([]);
  let seen = first;
  let found: 'same' | 'changed' | 'upgraded' = 'same';
  const look = () => {
    const now = filesNow(seen);
    if (now.every((file, at) => file === seen[at])) return;
    const versionNow = versionOf(folder);
    // An upgrade may be half done.
    if (versionNow === null && version !== null) return;
    seen = now;
    if (versionNow !== version) found = 'upgraded';
    else if (now.some((file, at) => isOther(first[at], file))) found = 'changed';
  };
  return {
    isChanged: () => {
      if (found === 'same') look();
      return found === 'changed';
    },
  };
}

/** `undefined`: it is gone. */
type Files = readonly (KnownFile | undefined)[];

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.cjs'));
  } catch {
    return [];
  }
}

/** As package.json says; `null`: there is none. */
function versionOf(folder: string): string | null {
  try {
    const { version } = JSON.parse(readFileSync(`${folder}/../../package.json`, 'utf8'));
    return String(version);
  } catch {
    return null;
  }
}
