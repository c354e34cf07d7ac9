// One name for each repository, and which patterns mean it. Spellings of remotes are tested beside `attribution/remote.ts`.
import { describe, expect, test } from 'vitest';
import {
  canonicalRepository,
  isFolderName,
  matchesRepository,
  repositoryKey,
} from '../../../src/domain/repository.ts';

test.each([
  ['/home/ada/shop', true],
  ['\\\\server\\shop', true],
  ['./shop', true],
  ['~/shop', true],
  ['c:\\shop', true],
  ['C:/shop', true],
  ['shop', true],
  ['1:/shop', false],
  ['c:shop/x', false],
  ['github.com/acme/shop', false],
])('%s is a folder: %s', (name, isFolder) => {
  expect(isFolderName(name)).toBe(isFolder);
  if (isFolder) expect(canonicalRepository(name)).toBe(name);
});

describe('the name of', () => {
  test.each([
    ['GitHub.com./Acme//Shop/', 'github.com/Acme/Shop'],
    ['github.com../Acme/Shop', 'github.com/Acme/Shop'],
    ['www.www.github.com/Acme/Shop', 'github.com/Acme/Shop'],
    ['www.shop/acme/x', 'www.shop/acme/x'],
    ['my-www.example.com/acme/x', 'my-www.example.com/acme/x'],
    ['ssh.github.com/acme/x', 'github.com/acme/x'],
    ['hf.co/acme/x', 'huggingface.co/acme/x'],
    // Azure DevOps.
    ['dev.azure.com/acme/Project/_git/shop', 'dev.azure.com/acme/Project/shop'],
    ['ssh.dev.azure.com/v3/acme/Project/shop', 'dev.azure.com/acme/Project/shop'],
    // However often it stands there.
    ['ssh.dev.azure.com/v3/v3', 'dev.azure.com'],
    ['ssh.dev.azure.com/V12/acme/Project/shop', 'dev.azure.com/acme/Project/shop'],
    ['dev.azure.com/v3x/Project/_git/shop', 'dev.azure.com/v3x/Project/shop'],
    ['dev.azure.com/xv3/Project/_git/shop', 'dev.azure.com/xv3/Project/shop'],
    ['dev.azure.com/acme/_git/shop', 'dev.azure.com/acme/shop/shop'],
    ['dev.azure.com/acme/Project/shop', 'dev.azure.com/acme/Project/shop'],
    ['dev.azure.com/acme/shop', 'dev.azure.com/acme/shop'],
    ['dev.azure.com/acme/_git/Project/shop', 'dev.azure.com/acme/Project/shop'],
    ['dev.azure.com/acme/_gitx/shop', 'dev.azure.com/acme/_gitx/shop'],
    ['dev.azure.com/acme/x_git/shop', 'dev.azure.com/acme/x_git/shop'],
    [
      'acme.visualstudio.com/defaultcollection/Project/_git/shop',
      'dev.azure.com/acme/Project/shop',
    ],
    [
      'acme.visualstudio.com/DefaultCollections/_git/shop',
      'dev.azure.com/acme/DefaultCollections/shop',
    ],
    [
      'acme.visualstudio.com/MyDefaultCollection/_git/shop',
      'dev.azure.com/acme/MyDefaultCollection/shop',
    ],
    ['dev.azure.com/', 'dev.azure.com'],
    ['xdev.azure.com/acme/_git/shop', 'xdev.azure.com/acme/_git/shop'],
    ['dev.azure.com.example/acme/_git/shop', 'dev.azure.com.example/acme/_git/shop'],
    ['acme.visualstudio.com.example/_git/shop', 'acme.visualstudio.com.example/_git/shop'],
    // AWS CodeCommit.
    [
      'git-codecommit.eu-west-1.amazonaws.com/v1/repos/x',
      'git-codecommit.eu-west-1.amazonaws.com/v1/repos/x',
    ],
    [
      'git-codecommit-fips.eu-west-1.amazonaws.com/x/y',
      'git-codecommit.eu-west-1.amazonaws.com/x/y',
    ],
    [
      'vpce-1.git-codecommit.eu-west-1.vpce.amazonaws.com/x/y',
      'git-codecommit.eu-west-1.amazonaws.com/x/y',
    ],
    [
      'git-codecommit.cn-north-1.amazonaws.com.cn/x/y',
      'git-codecommit.cn-north-1.amazonaws.com.cn/x/y',
    ],
    [
      'git-codecommit-fips.eu-west-1.amazonaws.com.example/x/y',
      'git-codecommit-fips.eu-west-1.amazonaws.com.example/x/y',
    ],
    // Bitbucket Server, Gerrit, and hosts that have neither's paths.
    ['code.corp.example/scm/PROJ/shop', 'code.corp.example/PROJ/shop'],
    ['code.corp.example/scm/shop', 'code.corp.example/scm/shop'],
    ['code.corp.example/scm/*', 'code.corp.example/*'],
    ['code.corp.example/a/team/shop', 'code.corp.example/a/team/shop'],
    ['gerrit.corp.example/a/team/shop', 'gerrit.corp.example/team/shop'],
    ['my-gerrit.example/a/team/shop', 'my-gerrit.example/team/shop'],
    ['mygerrit.example/a/team/shop', 'mygerrit.example/a/team/shop'],
    ['chromium.googlesource.com/a/team/shop', 'chromium.googlesource.com/team/shop'],
    ['github.com/scm/acme/shop', 'github.com/scm/acme/shop'],
    ['gitlab.corp.example/scm/acme/shop', 'gitlab.corp.example/scm/acme/shop'],
    ['my.gitlab.example/scm/acme/shop', 'my.gitlab.example/scm/acme/shop'],
    ['mygitlab.example/scm/acme/shop', 'mygitlab.example/acme/shop'],
    // What older versions kept of addresses.
    ['file:///home/ada/shop', '/home/ada/shop'],
    ['ftp://ada:SECRET@host/x?token=SECRET', 'ftp://host/x'],
    ['ftp://a@b@host', 'ftp://host'],
    ['ftp://host/x@y#SECRET\nSECRET', 'ftp://host/x@y'],
    ['x/ftp://ada@host/x', 'x/ftp://host/x'],
  ])('%j is %s', (name, canonical) => {
    expect(canonicalRepository(name)).toBe(canonical);
    expect(canonicalRepository(canonical)).toBe(canonical);
  });
});

test('letter case tells folders apart, and no hosted repositories', () => {
  expect(repositoryKey('www.GitHub.com/Acme/Shop')).toBe('github.com/acme/shop');
  expect(repositoryKey('/Home/Ada')).toBe('/Home/Ada');
});

describe('a pattern', () => {
  test.each([
    ['github.com/Acme/*', 'github.com/acme/shop', true],
    ['www.github.com/acme/shop', 'github.com/Acme/Shop', true],
    ['*/SHOP', 'github.com/Acme/Shop', true],
    ['*/Shop', 'github.com/acme/other', false],
    ['code.corp.example/scm/*', 'code.corp.example/PROJ/shop', true],
    ['*.visualstudio.com/*', 'acme.visualstudio.com/_git/shop', true],
    ['*ACME/shop/shop', 'acme.visualstudio.com/_git/shop', true],
    ['/home/ada/*', '/home/ada/shop', true],
    ['/home/ADA/*', '/home/ada/shop', false],
    ['shop', 'shop', true],
  ])('%s means %s: %s', (pattern, name, isMeant) => {
    expect(matchesRepository(pattern, name)).toBe(isMeant);
  });
});
