// The short way to the defaults must lead where the long way leads, and must not be taken past a file.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/config/defaults.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { ConfigSource } from '../../../src/config/paths.ts';

let folder: string;
let sources: readonly ConfigSource[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-unwritten-'));
  sources = (['user', 'project', 'client'] as const).map((kind) => ({
    kind,
    file: join(folder, `${kind}.json`),
  }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('with no file it is what loading gives', () => {
  const { config } = loadConfig(sources, { timeZone: 'Europe/Vienna' });
  expect(defaultConfig(sources, 'Europe/Vienna')).toEqual(config);
});

test.each(['user', 'project', 'client'])(
  'a %s file, even an empty one, is left to loading',
  (kind) => {
    writeFileSync(join(folder, `${kind}.json`), '');
    expect(defaultConfig(sources, 'UTC')).toBeNull();
  },
);

test('so is one that cannot be read', () => {
  mkdirSync(join(folder, 'user.json'));
  expect(defaultConfig(sources, 'UTC')).toBeNull();
});
