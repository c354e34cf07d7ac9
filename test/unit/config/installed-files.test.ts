// What is installed against how it was seen last: a changed file is named once, and an upgrade is no news.
import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordFiles, takeChangedFiles } from '../../../src/config/installed-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-installed-'));
  for (const name of ['hook.cjs', 'other.cjs', 'node', 'addon.node', 'settings.json']) {
    writeFileSync(join(folder, name), name);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const part = (version: string, ...names: string[]) => ({ version, paths: names.map(at) });
const installed = (version = '1', settings = ['settings.json', 'local.json']) => ({
  program: folder,
  parts: {
    program: part(version, 'hook.cjs', 'other.cjs'),
    node: part('v20', 'node'),
    driver: part('12', 'addon.node'),
    settings: part('', ...settings),
  },
});
const take = (version?: string, settings?: string[]) =>
  takeChangedFiles(folder, installed(version, settings));
const NOTHING = { program: [], node: [], driver: [], settings: [] };

test('what was never seen, and what is as it was, is no news', () => {
  expect(take()).toBe(null);
  expect(take()).toEqual(NOTHING);
  utimesSync(at('hook.cjs'), 1, 1);
  expect(take()).toEqual(NOTHING);
});

test('each part is named where it changed, once', () => {
  recordFiles(folder, installed());
  writeFileSync(at('hook.cjs'), 'hooK.cjs');
  rmSync(at('other.cjs'));
  appendFileSync(at('node'), 'x');
  writeFileSync(at('addon.node'), '');
  writeFileSync(at('local.json'), '{}');
  expect(take()).toEqual({
    program: [at('hook.cjs'), at('other.cjs')],
    node: [at('node')],
    driver: [at('addon.node')],
    settings: [at('local.json')],
  });
  expect(take()).toEqual(NOTHING);
  rmSync(at('settings.json'));
  expect(take()?.settings).toEqual([at('settings.json')]);
});

test('another version is an upgrade; settings of another project stay known', () => {
  recordFiles(folder, installed());
  writeFileSync(at('hook.cjs'), 'new');
  rmSync(at('other.cjs'));
  expect(take('2')).toEqual(NOTHING);
  writeFileSync(at('hook.cjs'), 'newer');
  expect(take('2')?.program).toEqual([at('hook.cjs')]);
  take('2', ['elsewhere.json']);
  writeFileSync(at('settings.json'), 'x');
  expect(take('2')?.settings).toEqual([at('settings.json')]);
});
