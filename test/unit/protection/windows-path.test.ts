// Spellings of one Windows path.
import { expect, test } from 'vitest';
import { nativePath, onDriveOf, windowsPath } from '../../../src/protection/windows-path.ts';

test.each([
  'C:\\Users\\Kim\\x.json',
  'c:/users/kim/X.JSON',
  '\\\\?\\C:\\Users\\Kim\\x.json',
  '//./c:/Users/Kim/x.json',
  '/c/Users/Kim/x.json',
  'C:\\Users/Kim\\x.json',
])('%s is one file', (path) => {
  expect(windowsPath(path)).toBe('/c:/users/kim/x.json');
  expect(nativePath(windowsPath(path))).toBe('c:/users/kim/x.json');
});

test('servers, drives and relative paths', () => {
  expect(windowsPath('\\\\srv\\Share\\x')).toBe('//srv/share/x');
  expect(windowsPath('\\\\?\\UNC\\srv\\Share\\x')).toBe('//srv/share/x');
  expect(windowsPath('C:\\')).toBe('/c:/');
  expect(nativePath('/c:')).toBe('c:/');
  expect(windowsPath('.\\a\\B')).toBe('./a/b');
  expect(onDriveOf('/d:/shop', '/users')).toBe('/d:/users');
  expect(onDriveOf('/d:/shop', '/c:/users')).toBe('/c:/users');
  expect(onDriveOf('/home', '/users')).toBe('/users');
});
