import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSecret } from '../../../src/alerts/secrets.ts';
import { posixTest } from '../../support/systems.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ENV = { PATH: process.env.PATH, KEY: 's3cret' };

function file(mode: number, text = 's3cret\n'): string {
  const path = join(folder, `key-${mode}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('from a variable, a file of mode 0600, a command; without the end of the line', async () => {
  expect(await readSecret({ env: 'KEY' }, ENV)).toBe('s3cret');
  expect(await readSecret({ file: file(0o600) }, ENV)).toBe('s3cret');
  const command = [process.execPath, '-e', 'console.log(process.env.KEY)'];
  expect(await readSecret({ command }, ENV)).toBe('s3cret');
});

posixTest.each([0o640, 0o604, 0o660, 0o777])('not from a file of mode %o', async (mode) => {
  await expect(readSecret({ file: file(mode) }, ENV)).rejects.toMatchObject({
    code: 'SECRET_MISSING',
  });
});

test('not through a link, not from nothing, and no error tells it', async () => {
  const link = join(folder, 'link');
  symlinkSync(file(0o600), link);
  const fails = [process.execPath, '-e', 'console.log("s3cret"); process.exit(3)'];
  for (const place of [
    { file: link },
    { file: join(folder, 'none') },
    { file: file(0o600, '\n') },
    { env: 'NONE' },
    { command: fails },
    { command: [join(folder, 'none')] },
  ]) {
    const error = await readSecret(place, ENV).catch((each: Error) => each);
    expect(error).toMatchObject({ code: 'SECRET_MISSING' });
    expect(String(error)).not.toContain('s3cret');
  }
});
