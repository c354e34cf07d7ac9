// A logo is what its bytes say, and what is none is refused with its path.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mimeOf, readLogo } from '../../../src/statements/logo.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-logo-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, bytes: readonly number[]): string => {
  writeFileSync(join(folder, name), Buffer.from(bytes));
  return join(folder, name);
};

test('PNG and JPEG are told by their first bytes, whatever the file is called', () => {
  const png = readLogo(put('a.jpg', [0x89, 0x50, 0x4e, 0x47]));
  const jpeg = readLogo(put('b.png', [0xff, 0xd8, 0xff]));
  expect([mimeOf(png), mimeOf(jpeg)]).toEqual(['image/png', 'image/jpeg']);
  expect(mimeOf(Buffer.from('<svg/>'))).toBeNull();
});

test.each([
  ['a picture of another kind', () => put('c.png', [0x47, 0x49, 0x46]), 'neither a PNG nor a JPEG'],
  ['half of a sign', () => put('d.png', [0x89, 0x00]), 'neither a PNG nor a JPEG'],
  ['nothing', () => put('e.png', []), 'neither a PNG nor a JPEG'],
  ['a file that is not there', () => join(folder, 'none.png'), 'ENOENT'],
])('%s is refused', (_, make, why) => {
  const file = make();
  const refuse = () => readLogo(file);
  expect(refuse).toThrow(`the logo ${file} cannot be used: `);
  expect(refuse).toThrow(why);
  expect(refuse).toThrow(expect.objectContaining({ code: 'LOGO_UNREADABLE' }));
});
