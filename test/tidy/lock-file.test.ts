// `npm ci` refuses a lock file that names a package without saying which one is meant; `npm install` mends that in
// silence, so nobody who already has the packages notices.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8'),
) as { readonly packages: Readonly<Record<string, LockedPackage>> };

/** Whether a package of this name is found from a place, by the rule of nested `node_modules`. */
function isLocked(name: string, from: string): boolean {
  if (`${from}${from === '' ? '' : '/'}node_modules/${name}` in packages) return true;
  if (from === '') return false;
  return isLocked(name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))));
}

test('the lock file has every package that it names', () => {
  const missing = Object.entries(packages).flatMap(([place, locked]) =>
    Object.keys({ ...locked.dependencies, ...locked.optionalDependencies })
      .filter((name) => !isLocked(name, place))
      .map((name) => `${place} needs ${name}`),
  );
  expect(missing).toEqual([]);
});
