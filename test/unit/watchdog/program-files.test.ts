// Whether the program that hooks are run by is still the same, on real files.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchProgram } from '../../../src/watchdog/program-files.ts';

let root: string;
let hooks: string;
const file = (name: string) => join(hooks, name);
const setVersion = (version: string) =>
  writeFileSync(join(root, 'package.json'), JSON.stringify({ version }));
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-program-'));
  hooks = join(root, 'dist', 'hooks');
  mkdirSync(hooks, { recursive: true });
  setVersion('1.0.0');
  for (const name of ['gate.cjs', 'stop.cjs']) writeFileSync(file(name), 'one');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('nothing has changed, whatever lies beside it', () => {
  const program = watchProgram(hooks);
  writeFileSync(file('other.txt'), 'x');
  expect(program.isChanged()).toBe(false);
});

test.each([
  ['a hook is written anew', () => writeFileSync(file('stop.cjs'), 'process.exit(0)')],
  ['a hook is gone', () => rmSync(file('gate.cjs'))],
])('it has changed where %s', (_, change) => {
  const program = watchProgram(hooks);
  change();
  expect(program.isChanged()).toBe(true);
});

test('once changed it stays so', () => {
  const program = watchProgram(hooks);
  renameSync(file('gate.cjs'), file('gate.off'));
  expect(program.isChanged()).toBe(true);
  renameSync(file('gate.off'), file('gate.cjs'));
  expect(program.isChanged()).toBe(true);
});

test('the same version installed once more is no change', () => {
  const program = watchProgram(hooks);
  writeFileSync(file('copy'), 'one');
  renameSync(file('copy'), file('gate.cjs'));
  expect(program.isChanged()).toBe(false);
  writeFileSync(file('gate.cjs'), 'two');
  expect(program.isChanged()).toBe(true);
});

test('an upgrade is no change, also while it is half done', () => {
  const program = watchProgram(hooks);
  rmSync(join(root, 'package.json'));
  writeFileSync(file('gate.cjs'), 'two');
  expect(program.isChanged()).toBe(false);
  setVersion('1.0.1');
  expect(program.isChanged()).toBe(false);
  writeFileSync(file('gate.cjs'), 'three');
  expect(program.isChanged()).toBe(false);
});

test('a version that went away and came back hides no change', () => {
  const program = watchProgram(hooks);
  rmSync(join(root, 'package.json'));
  writeFileSync(file('gate.cjs'), 'two');
  expect(program.isChanged()).toBe(false);
  setVersion('1.0.0');
  expect(program.isChanged()).toBe(true);
});
