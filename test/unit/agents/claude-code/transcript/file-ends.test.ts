// The two ends of a file, whatever its size.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readHead, readTail } from '../../../../../src/agents/claude-code/transcript/file-ends.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-ends-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['abcdef', 4, 'abcd', 'cdef'],
  ['abcdef', 6, 'abcdef', 'abcdef'],
  ['abc', 4, 'abc', 'abc'],
  ['', 4, '', ''],
  ['é', 1, '\ufffd', '\ufffd'],
])('of %j, %d bytes: %j and %j', (text, maxBytes, head, tail) => {
  const path = join(folder, 'a');
  writeFileSync(path, text);
  expect([readHead(path, maxBytes), readTail(path, maxBytes)]).toEqual([head, tail]);
});

test('a file that is not there, or is a folder, has none', () => {
  expect(() => readHead(join(folder, 'none'), 4)).toThrow();
  expect(() => readTail(folder, 4)).toThrow();
});

test.skipIf(process.platform !== 'linux')('no file stays open', () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'abc');
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let index = 0; index < 100; index += 1) {
    readHead(path, 4);
    expect(() => readTail(folder, 4)).toThrow();
  }
  expect(open()).toBeLessThan(before + 50);
});
