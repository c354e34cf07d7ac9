// Spellings of remotes: those of one repository have one name, and none shows what may be a secret.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameRemote } from '../../../src/attribution/remote.ts';
import { canonicalRepository, matchesRepository } from '../../../src/domain/repository.ts';
import { runs } from '../../support/runs.ts';

/** As `~/.ssh/config` would say it. */
const ALIASES: Readonly<Record<string, string>> = {
  'github.com-work': 'github.com',
  work: 'github.com',
  'gl-private': 'gitlab.example.com',
};
const hostNameOf = (alias: string): string => ALIASES[alias] ?? alias;

/** One name, and everything that it is called. */
const SPELLINGS: readonly (readonly [string, readonly string[]])[] = [
  [
    'github.com/Acme/Shop',
    [
      'git@github.com:Acme/Shop.git',
      'git@github.com:Acme/Shop',
      'git@GitHub.com:Acme/Shop.git/',
      'git@github.com:/Acme/Shop.git',
      'github.com:Acme/Shop.git',
      'org-1234567@github.com:Acme/Shop.git',
      'https://github.com/Acme/Shop',
      'https://github.com/Acme/Shop.git',
      'https://github.com/Acme/Shop.git/',
      'https://github.com//Acme//Shop/',
      'HTTPS://GITHUB.COM/Acme/Shop.git',
      'https://github.com:443/Acme/Shop.git',
      'https://github.com./Acme/Shop.git',
      'https://www.github.com/Acme/Shop',
      'http://github.com/Acme/Shop.git',
      'https://dana@github.com/Acme/Shop.git',
      'https://dana:SECRET@github.com/Acme/Shop.git',
      'https://x-access-token:SECRET@github.com/Acme/Shop',
      'https://SECRET@github.com/Acme/Shop.git',
      'https://SECRET:x-oauth-basic@github.com/Acme/Shop.git',
      'ssh://git@github.com/Acme/Shop.git',
      'ssh://git@github.com:22/Acme/Shop.git',
      'ssh://git@github.com:Acme/Shop.git',
      'git@github.com:Acme/Shop.GIT',
      'https://github.com/Acme/Shop.git;token=SECRET',
      'ssh://git@ssh.github.com:443/Acme/Shop.git',
      'git@ssh.github.com:Acme/Shop.git',
      'git+ssh://git@github.com/Acme/Shop.git',
      'ssh+git://git@github.com/Acme/Shop.git',
      'git+https://github.com/Acme/Shop.git',
      'git://github.com/Acme/Shop.git',
      'git@github.com-work:Acme/Shop.git',
      'work:Acme/Shop.git',
      'ssh://git@work/Acme/Shop.git',
      'https://github.com/Acme/Shop.git?token=SECRET',
      'https://github.com/Acme/Shop.git#SECRET',
      ' https://github.com/Acme/Shop.git\n',
    ],
  ],
  [
    'dev.azure.com/acme/Project/shop',
    [
      'git@ssh.dev.azure.com:v3/acme/Project/shop',
      'ssh://git@ssh.dev.azure.com/v3/acme/Project/shop',
      'ssh://git@ssh.dev.azure.com:22/v3/acme/Project/shop',
      'https://dev.azure.com/acme/Project/_git/shop',
      'https://acme@dev.azure.com/acme/Project/_git/shop',
      'https://acme:SECRET@dev.azure.com/acme/Project/_git/shop/',
      'https://dev.azure.com/acme/Project/_git/_optimized/shop',
      'acme@vs-ssh.visualstudio.com:v3/acme/Project/shop',
      'ssh://acme@vs-ssh.visualstudio.com/v3/acme/Project/shop',
      'ssh://acme@vs-ssh.visualstudio.com:22/Project/_ssh/shop',
      'ssh://acme@vs-ssh.visualstudio.com:22/DefaultCollection/Project/_ssh/shop',
      'https://acme.visualstudio.com/Project/_git/shop',
      'https://acme.visualstudio.com/DefaultCollection/Project/_git/shop',
      'ssh://acme@acme.visualstudio.com:22/Project/_git/shop',
    ],
  ],
  [
    'dev.azure.com/acme/shop/shop',
    [
      'https://dev.azure.com/acme/_git/shop',
      'https://acme.visualstudio.com/_git/shop',
      'https://dev.azure.com/acme/shop/_git/shop',
      'git@ssh.dev.azure.com:v3/acme/shop/shop',
    ],
  ],
  [
    'dev.azure.com/acme/My Project/shop',
    [
      'https://dev.azure.com/acme/My%20Project/_git/shop',
      'git@ssh.dev.azure.com:v3/acme/My%20Project/shop',
    ],
  ],
  [
    'git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop',
    [
      'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop',
      'https://user-at-1:SECRET@git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop',
      'ssh://APKASECRET@git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop',
      'https://git-codecommit-fips.eu-west-1.amazonaws.com/v1/repos/shop',
      'codecommit::eu-west-1://shop',
      'codecommit::eu-west-1://SECRET@shop',
    ],
  ],
  [
    'codecommit://shop',
    ['codecommit::SECRET@shop', 'codecommit::shop', 'codecommit://SECRET@shop'],
  ],
  [
    'gitlab.example.com/grp/sub/shop',
    [
      'git@gitlab.example.com:grp/sub/shop.git',
      'ssh://git@gitlab.example.com:2222/grp/sub/shop.git',
      'https://oauth2:SECRET@gitlab.example.com:8443/grp/sub/shop.git?private_token=SECRET',
      'https://gitlab-ci-token:SECRET@gitlab.example.com/grp/sub/shop.git',
      'gl-private:grp/sub/shop.git',
      '[git@gitlab.example.com:2222]:grp/sub/shop.git',
      '[gitlab.example.com]:grp/sub/shop.git',
    ],
  ],
  [
    'gitlab.com/grp/shop',
    ['ssh://git@altssh.gitlab.com:443/grp/shop.git', 'git@gitlab.com:grp/shop'],
  ],
  [
    'bitbucket.org/acme/shop',
    ['ssh://git@altssh.bitbucket.org:443/acme/shop', 'https://d@bitbucket.org/acme/shop.git'],
  ],
  [
    'code.corp.example/PROJ/shop',
    [
      'https://code.corp.example/scm/PROJ/shop.git',
      'https://code.corp.example/bitbucket/scm/PROJ/shop.git',
      'ssh://git@code.corp.example:7999/PROJ/shop.git',
    ],
  ],
  [
    'gerrit.corp.example/team/shop',
    ['https://gerrit.corp.example/a/team/shop', 'ssh://dana@gerrit.corp.example:29418/team/shop'],
  ],
  [
    '[2001:db8::1]/acme/shop',
    [
      'ssh://git@[2001:db8::1]:2222/acme/shop.git',
      'ssh://git@[2001:DB8::1]/acme/shop',
      'git@[2001:db8::1]:acme/shop.git',
      'https://dana:SECRET@[2001:db8::1]:8443/acme/shop.git',
    ],
  ],
  [
    'tfs.corp.example/tfs/DefaultCollection/Project/_git/shop',
    [
      'https://tfs.corp.example/tfs/DefaultCollection/Project/_git/shop',
      'ssh://tfs.corp.example:22/tfs/DefaultCollection/Project/_ssh/shop',
    ],
  ],
  [
    'host.example',
    [
      'https://user:SECRET@host.example',
      'https://SECRET@host.example/',
      'https://host.example?t=SECRET',
      'https://host.example#SECRET',
      'user:SECRET@host.example',
    ],
  ],
  [
    'host.example/x/shop',
    [
      'https://user:SEC/RET@host.example/x/shop',
      'https://user:SEC?RET@host.example/x/shop',
      'https://user:SEC#RET@host.example/x/shop',
      'https://user:SEC@RET@host.example/x/shop',
      'https://user%3ASECRET%40host.example/x/shop',
      'user:SECRET@host.example:x/shop.git',
      'ssh://git@host.example/~/x/shop.git',
      'git@host.example:~/x/shop.git',
    ],
  ],
  [
    'host.example/~dana/shop',
    ['ssh://host.example/~dana/shop.git', 'dana@host.example:~dana/shop.git'],
  ],
  ['s3://bucket', ['s3://KEYID:SECRET@bucket', 's3://KEYID:SEC/RET@bucket']],
  ['s3://bucket/path/shop', ['s3://KEYID:SECRET@bucket/path/shop.git?sig=SECRET']],
  [
    'proxy.example/https:/host.example/x/shop',
    ['https://proxy.example/https://user:SECRET@host.example/x/shop.git'],
  ],
  [
    'hg.example/repo',
    ['hg::https://dana:SECRET@hg.example/repo', 'gcrypt::ssh://git@hg.example/repo#SECRET'],
  ],
  [
    '/srv/git/shop',
    [
      '/srv/git/shop.git',
      '/srv/git/shop.git/',
      '/srv/git/shop/.git',
      'file:///srv/git/shop.git',
      'file://localhost/srv/git/shop',
      'FILE:///srv/git/shop.git/',
    ],
  ],
  [
    '//server/share/shop',
    [
      'file://server/share/shop.git',
      '//server/share/shop/',
      '\\\\server\\share\\shop.git',
      '\\\\?\\UNC\\server\\share\\shop',
    ],
  ],
  [
    'C:\\work\\shop',
    [
      'C:\\work\\shop.git',
      'c:\\work\\shop\\',
      'C:/work/shop.git',
      'c:/work/shop/.git',
      'file:///C:/work/shop.git',
      'file:///c:/work/shop',
      '\\\\?\\C:\\work\\shop',
      '//./c:/work/shop',
    ],
  ],
  ['../shop:old/repo', ['../shop:old/repo', '../shop:old/repo.git']],
  [
    'host.example/Acme/Shop@2',
    ['host.example:Acme/Shop@2.git', 'https://host.example/Acme/Shop@2.git'],
  ],
];

describe.each(SPELLINGS)('%s', (name, spellings) => {
  test.each(spellings)('is %s', (url) => {
    const found = nameRemote(url, hostNameOf);
    expect(found?.name).toBe(name);
    expect(JSON.stringify(found)).not.toMatch(/SEC|RET|KEYID/);
  });
});

test.each([
  'ext::ssh -i /key/SECRET git@host %S /x',
  'fd::17',
  '',
  '  ',
  'https://',
  'https://user:SECRET@',
  'ssh:///x',
])('%s has no safe name', (url) => expect(nameRemote(url)).toBeNull());

test('the address as it is written stays known, for rules that were made for it', () => {
  expect(nameRemote('git@github.com-work:Acme/Shop.git', hostNameOf)?.written).toBe(
    'github.com-work/Acme/Shop',
  );
  expect(nameRemote('git@ssh.dev.azure.com:v3/acme/Project/shop')?.written).toBe(
    'ssh.dev.azure.com/v3/acme/Project/shop',
  );
});

const secret = fc.stringMatching(/^S3CR3T[a-z0-9!$&'()*+,;=._~/?#@%: -]{0,12}$/);
const scheme = fc.constantFrom(
  'https',
  'http',
  'ssh',
  'git',
  'git+ssh',
  's3',
  'ftp',
  'odd',
  'codecommit',
);
const tail = fc.constantFrom('', '/', '/a', '/a/b.git', '/a/b.git/', ':2222/a/b', '/a?x=1', '/a#b');

test('property: what stands before a host is never in a name', () => {
  fc.assert(
    fc.property(scheme, fc.option(fc.constant('user')), secret, tail, (kind, user, word, rest) => {
      const url = `${kind}://${user === null ? '' : `${user}:`}${word}@host.example${rest}`;
      expect(JSON.stringify(nameRemote(url)) ?? '').not.toContain('S3CR3T');
    }),
    { numRuns: runs(2_000) },
  );
});

test('property: any text has a name or none, and a name stays what it is', () => {
  const piece = fc.constantFrom(
    ...[
      'git@',
      'https://',
      'ssh://',
      '::',
      ':',
      '/',
      '@',
      '.git',
      '[',
      ']',
      '?',
      '#',
      '%',
      '\\',
      '~',
      'v3',
      '_git',
      'scm',
      'dev.azure.com',
      'x.visualstudio.com',
      'github.com',
      'www.',
      'a',
      'B',
      ' ',
      '.',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (url) => {
      const name = nameRemote(url)?.name ?? '';
      expect(canonicalRepository(name)).toBe(name);
      expect(matchesRepository(name.replace(/[*?]/g, '?'), name)).toBe(true);
    }),
    { numRuns: runs(2_000) },
  );
});

test.each([
  ['github.com/acme/*', 'github.com/Acme/Shop', true],
  ['www.github.com/Acme/*', 'github.com/Acme/Shop', true],
  ['github.com/Acme/*', 'www.github.com/acme/shop', true],
  ['ssh.dev.azure.com/v3/acme/*', 'dev.azure.com/acme/Project/shop', true],
  ['dev.azure.com/acme/Project/_git/shop', 'dev.azure.com/acme/Project/shop', true],
  ['acme.visualstudio.com/*', 'dev.azure.com/acme/Project/shop', true],
  ['dev.azure.com/acme/*', 'ssh.dev.azure.com/v3/acme/Project/shop', true],
  ['*/shop', 'github.com/Acme/Shop', true],
  ['*', '/srv/shop', true],
  ['/srv/Shop', '/srv/shop', false],
  ['file:///srv/shop', '/srv/shop', true],
  ['github.com/acme', 'github.com/Acme/Shop', false],
  ['dev.azure.com/other/*', 'ssh.dev.azure.com/v3/acme/Project/shop', false],
])('the pattern %s on %s: %s', (pattern, name, expected) => {
  expect(matchesRepository(pattern, name)).toBe(expected);
});
