// Finds the other parts of the built program. Rule: only what the build put there, looked for from where this runs.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { invariant } from '../errors.ts';

/** Absolute path of `dist/<name>`; throws when this is not a build. */
export function builtFile(name: string): string {
  const found = findBuiltFile(name);
  invariant(found, `dist/${name} is part of every build`);
  return found;
}

/** The same, or `null` when this is not a build. */
export function findBuiltFile(name: string): string | null {
  for (let folder = import.meta.dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return file;
  }
  return null;
}
