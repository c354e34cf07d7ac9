// Files as systems have them.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasModes, renameOver, setMode } from '../../../src/runtime/files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file takes the place of another, and a failure is told', () => {
  const [from, to] = [join(folder, 'new'), join(folder, 'old')];
  writeFileSync(from, 'new');
  writeFileSync(to, 'old');
  renameOver(from, to);
  expect(readFileSync(to, 'utf8')).toBe('new');
  expect(() => renameOver(from, to)).toThrow('ENOENT');
});

test.runIf(hasModes)('a mode is set where there are modes', () => {
  const file = join(folder, 'mine');
  writeFileSync(file, '', { mode: 0o644 });
  setMode(file, 0o600);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
