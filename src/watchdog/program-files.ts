// Whether what hooks are run by is still what it was when the watchdog began: this program's files and Node. Rule: a look at their stats and
// nothing more; whether a change is an upgrade, others tell.
import { readdirSync, statSync } from 'node:fs';

/** Notes how the files are now. `isChanged`: they are not any more; stays so. */
export function watchProgram(
  folder: string = import.meta.dirname,
  node: string = process.execPath,
): { readonly isChanged: () => boolean } {
  const files = [node, ...namesIn(folder).map((name) => `${folder}/${name}`)];
  const first = files.map(statOf).join();
  let isChanged = false;
  return {
    isChanged: () => {
      isChanged ||= files.map(statOf).join() !== first;
      return isChanged;
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

function statOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return ''; // gone, or nobody can tell
  }
}
