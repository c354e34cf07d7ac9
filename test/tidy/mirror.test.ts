// Test files stand where their source stands, and nothing lies directly in src but wire.ts and errors.ts.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
test('every unit test names an existing source file', () => {
  const unmirrored = readdirSync(join(ROOT, 'test/unit'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => !existsSync(join(ROOT, 'src', name.replace('.test.ts', '.ts'))));
  expect(
    unmirrored,
    'move test/unit/x/y.test.ts to the path of the source it tests, or to test/property, contract or e2e',
  ).toEqual([]);
});

test('only wire.ts and errors.ts lie directly in src', () => {
  const files = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
  expect(files, 'move the file into the folder it belongs to').toEqual(['errors.ts', 'wire.ts']);
});
