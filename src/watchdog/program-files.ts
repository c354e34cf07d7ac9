// Whether the hooks are run by the program that they were run by when the watchdog began. Rule: files are read again only where their stats changed; files of
// another version are an upgrade, and no change.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';

/** Notes how the files of a folder are now. `isChanged`: the same version says something else; stays so. */
export function watchProgram(folder: string = import.meta.dirname): {
  readonly isChanged: () => boolean;
} {
  const files = namesIn(folder).map((name) => `${folder}/${name}`);
  const [version, hash] = [versionOf(folder), hashOf(files)];
  let stats = files.map(statOf).join();
  let found: 'same' | 'changed' | 'upgraded' = 'same';
  const look = () => {
    const now = files.map(statOf).join();
    if (now === stats) return;
    const versionNow = versionOf(folder);
    // An upgrade may be half done.
    if (versionNow === null && version !== null) return;
    stats = now;
    if (versionNow !== version) found = 'upgraded';
    else if (hashOf(files) !== hash) found = 'changed';
  };
  return {
    isChanged: () => {
      if (found === 'same') look();
      return found === 'changed';
    },
  };
}

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

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha1');
  for (const file of files) hash.update(textOf(file)).update('\0');
  return hash.digest('hex');
}

function textOf(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch {
    return 'gone';
  }
}

function statOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return ''; // gone, or nobody can tell
  }
}
