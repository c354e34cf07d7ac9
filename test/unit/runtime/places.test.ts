// Where each system keeps things.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  homeOf,
  placesOf,
  userConfigPlaces,
  userStatePlaces,
} from '../../../src/runtime/places.ts';
import { posixTest } from '../../support/systems.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tollgate-places-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const state = (env: Record<string, string>, platform: NodeJS.Platform) =>
  userStatePlaces(env, platform).inForce;

test('each system has its custom, and XDG goes before it', () => {
  expect(state({ HOME: '/home/kim' }, 'linux')).toBe('/home/kim/.local/state/tollgate');
  expect(state({ HOME: '/Users/kim' }, 'darwin')).toBe(
    '/Users/kim/Library/Application Support/tollgate/state',
  );
  const windows = { USERPROFILE: 'C:\\Users\\Kim', LOCALAPPDATA: 'C:\\Users\\Kim\\AppData\\Local' };
  expect(state(windows, 'win32')).toBe('C:\\Users\\Kim\\AppData\\Local\\tollgate');
  expect(userConfigPlaces({ USERPROFILE: 'C:\\Users\\Kim' }, 'win32').inForce).toBe(
    'C:\\Users\\Kim\\AppData\\Roaming\\tollgate',
  );
  for (const platform of ['linux', 'darwin'] as const) {
    expect(state({ HOME: '/h', XDG_STATE_HOME: '/x' }, platform)).toBe('/x/tollgate');
    expect(state({ HOME: '/h', XDG_STATE_HOME: 'x' }, platform)).not.toContain('x/tollgate');
  }
  expect(state({ ...windows, XDG_STATE_HOME: 'D:\\x' }, 'win32')).toBe('D:\\x\\tollgate');
});

posixTest('an installation that is there stays in force, and both places are known', () => {
  const old = join(home, '.local/state/tollgate');
  mkdirSync(old, { recursive: true });
  const own = join(home, 'Library/Application Support/tollgate/state');
  expect(state({ HOME: home }, 'darwin')).toBe(own);
  writeFileSync(join(old, 'ledger.db'), '');
  expect(userStatePlaces({ HOME: home }, 'darwin')).toEqual({ inForce: old, all: [own, old] });
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'ledger.db'), '');
  expect(state({ HOME: home }, 'darwin')).toBe(own);
});

test('the home folder of Windows is not what Git Bash says', () => {
  const env = { HOME: '/c/Users/kim', USERPROFILE: 'C:\\Users\\Kim' };
  expect(homeOf(env, 'win32')).toBe('C:\\Users\\Kim');
  expect(homeOf(env, 'linux')).toBe('/c/Users/kim');
  expect(homeOf({ USERPROFILE: '\\Users\\Kim' }, 'win32')).not.toBe('\\Users\\Kim');
});

test('the folders that only an administrator writes', () => {
  expect(placesOf('darwin').hostManagedFolder).toBe('/Library/Application Support/ClaudeCode');
  expect(placesOf('win32').hostManagedFolder).toBe('C:\\Program Files\\ClaudeCode');
  expect(placesOf('freebsd').hostManagedFolder).toBe('/etc/claude-code');
});
