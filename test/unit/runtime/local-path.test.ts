// Folders as other systems write them: each names the folder here, or none.
import { describe, expect, test } from 'vitest';
import { localPath, type PathSystem } from '../../../src/runtime/local-path.ts';

const WINDOWS: PathSystem = { platform: 'win32', wslName: null };
const WSL: PathSystem = { platform: 'linux', wslName: 'Ubuntu' };
const LINUX: PathSystem = { platform: 'linux', wslName: null };
const MACOS: PathSystem = { platform: 'darwin', wslName: null };

const SHOP = 'C:\\Users\\Dana\\shop';

describe('on Windows', () => {
  test.each([
    [SHOP, SHOP],
    ['c:\\Users\\Dana\\shop', 'c:\\Users\\Dana\\shop'],
    ['C:/Users/Dana/shop', SHOP],
    ['C:/Users\\Dana/shop', SHOP],
    ['C:\\Users\\Dana\\\\shop', SHOP],
    ['C:\\Users\\Dana\\shop\\', `${SHOP}\\`],
    ['C:\\Users\\Dana\\.\\shop', SHOP],
    ['C:\\Users\\Kim\\..\\Dana\\shop', SHOP],
    ['\\\\?\\C:\\Users\\Dana\\shop', SHOP],
    ['\\\\.\\C:\\Users\\Dana\\shop', SHOP],
    ['//?/C:/Users/Dana/shop', SHOP],
    ['/c/Users/Dana/shop', 'c:\\Users\\Dana\\shop'],
    ['/C/Users/Dana/shop', SHOP],
    ['/mnt/c/Users/Dana/shop', 'c:\\Users\\Dana\\shop'],
    ['/cygdrive/c/Users/Dana/shop', 'c:\\Users\\Dana\\shop'],
    ['/c', 'c:\\'],
    ['C:\\', 'C:\\'],
    ['\\\\server\\share\\shop', '\\\\server\\share\\shop'],
    ['//server/share/shop', '\\\\server\\share\\shop'],
    ['\\\\?\\UNC\\server\\share\\shop', '\\\\server\\share\\shop'],
    ['\\\\wsl$\\Ubuntu\\home\\dana', '\\\\wsl$\\Ubuntu\\home\\dana'],
    ['C:\\Users\\Zoë Müller\\shop & co', 'C:\\Users\\Zoë Müller\\shop & co'],
  ])('%s', (path, expected) => expect(localPath(path, WINDOWS)).toBe(expected));

  test.each([
    ...[
      'shop',
      '.\\shop',
      '..\\shop',
      '',
      'C:',
      'C:shop',
      '\\Users\\Dana\\shop',
      '/Users/dana/shop',
    ],
    ...['/home/dana/shop', '/', '\\\\server', '\\\\?\\', '/mnt/data/shop', 'file:///C:/Users'],
  ])('%s is no folder here', (path) => expect(localPath(path, WINDOWS)).toBeNull());
});

describe('in WSL', () => {
  test.each([
    ['/home/dana/shop', '/home/dana/shop'],
    ['/mnt/c/Users/Dana/shop', '/mnt/c/Users/Dana/shop'],
    [SHOP, '/mnt/c/Users/Dana/shop'],
    ['d:/work/shop', '/mnt/d/work/shop'],
    ['\\\\?\\C:\\Users\\Dana\\shop', '/mnt/c/Users/Dana/shop'],
    ['\\\\wsl$\\Ubuntu\\home\\dana\\shop', '/home/dana/shop'],
    ['\\\\wsl.localhost\\ubuntu\\home\\dana', '/home/dana'],
  ])('%s', (path, expected) => expect(localPath(path, WSL)).toBe(expected));

  test.each(['\\\\wsl$\\Debian\\home\\dana', '\\\\server\\share\\shop', 'C:shop', 'shop', ''])(
    '%s is no folder here',
    (path) => expect(localPath(path, WSL)).toBeNull(),
  );
});

test.each([LINUX, MACOS])('elsewhere on $platform', (system) => {
  for (const path of ['/home/dana/shop', '/Users/dana/Größe', '/c/Users/Dana']) {
    expect(localPath(path, system)).toBe(path);
  }
  for (const path of [
    SHOP,
    'C:/Users',
    '\\\\server\\share\\x',
    '\\\\wsl$\\Ubuntu\\home',
    'shop',
    '',
  ]) {
    expect(localPath(path, system)).toBeNull();
  }
});
