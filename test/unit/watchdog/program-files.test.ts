// Whether the program that hooks are run by is still the same, on real files.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchProgram } from '../../../src/watchdog/program-files.ts';

let folder: string;
const file = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-program-'));
  for (const name of ['gate.cjs', 'stop.cjs', 'node']) writeFileSync(file(name), 'one');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('nothing has changed, whatever lies beside it', () => {
  const program = watchProgram(folder, file('node'));
  writeFileSync(file('other.txt'), 'x');
  expect(program.isChanged()).toBe(false);
});

test.each([
  ['a hook is written anew', () => writeFileSync(file('stop.cjs'), 'process.exit(0)')],
  ['a hook is gone', () => rmSync(file('gate.cjs'))],
  [
    'Node is another file',
    () => {
      writeFileSync(file('stub'), 'one');
      renameSync(file('stub'), file('node'));
    },
  ],
])('%s', (_, change) => {
  const program = watchProgram(folder, file('node'));
  change();
  expect(program.isChanged()).toBe(true);
});

test('once changed it stays so', () => {
  const program = watchProgram(folder, file('node'));
  renameSync(file('gate.cjs'), file('gate.off'));
  expect(program.isChanged()).toBe(true);
  renameSync(file('gate.off'), file('gate.cjs'));
  expect(program.isChanged()).toBe(true);
});
