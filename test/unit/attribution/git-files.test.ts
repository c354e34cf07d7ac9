// Layouts of repositories and configurations: what is read from files is what git itself says of the same folder.
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPlace } from '../../../src/attribution/git-files.ts';
import { nameRemote } from '../../../src/attribution/remote.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

/** A layout: makes it below `root`, and answers where somebody works in it. */
interface Layout {
  readonly make: (at: Made) => Promise<string> | string;
  readonly env?: (at: Made) => Record<string, string>;
}

interface Made {
  readonly root: string;
  readonly home: string;
  /** On `main`, one commit, `origin` and an address. */
  readonly repo: string;
  readonly git: Sandbox['git'];
  readonly write: (file: string, text: string) => void;
}

const IN_REPO = (make: (at: Made) => unknown, env?: Layout['env']): Layout => ({
  make: async (at) => {
    await make(at);
    return at.repo;
  },
  ...(env ? { env } : {}),
});
const personal = (text: string) =>
  IN_REPO(async ({ git, home, write }) => {
    await git('config', '--unset', 'user.email');
    write(join(home, '.gitconfig'), text);
  });
const local = (text: string) =>
  IN_REPO(({ repo }) => appendFileSync(join(repo, '.git', 'config'), text));
const WORK = '[user]\n\temail = work@acme.example\n';

const LAYOUTS: Readonly<Record<string, Layout>> = {
  'a repository at its top': IN_REPO(() => {}),
  'a folder inside': {
    make: ({ repo }) => {
      mkdirSync(join(repo, 'a', 'b'), { recursive: true });
      return join(repo, 'a', 'b');
    },
  },
  'a link to a folder inside': {
    make: ({ repo, root }) => {
      mkdirSync(join(repo, 'a'));
      symlinkSync(join(repo, 'a'), join(root, 'link'));
      return join(root, 'link');
    },
  },
  'no repository': { make: ({ home }) => home },
  'a detached head': IN_REPO(({ git }) => git('switch', '--quiet', '--detach')),
  'a repository without commits': {
    make: async ({ git, root }) => {
      await git('init', '--quiet', '--initial-branch=trunk', join(root, 'new'));
      return join(root, 'new');
    },
  },
  'a branch with slashes and dots': IN_REPO(({ git }) =>
    git('switch', '--quiet', '-c', 'feat/ABC-7.x'),
  ),
  'an orphan branch': IN_REPO(({ git }) => git('switch', '--quiet', '--orphan', 'pages')),
  'a head that is a link, as git made them once': IN_REPO(({ repo }) => {
    rmSync(join(repo, '.git', 'HEAD'));
    symlinkSync('refs/heads/main', join(repo, '.git', 'HEAD'));
  }),
  'packed branches': IN_REPO(({ git }) => git('pack-refs', '--all')),
  'a linked worktree': {
    make: async ({ git, root }) => {
      await git('worktree', 'add', '--quiet', '-b', 'fix', join(root, 'fix'));
      return join(root, 'fix');
    },
  },
  'a folder in a linked worktree': {
    make: async ({ git, root }) => {
      await git('worktree', 'add', '--quiet', '-b', 'fix', join(root, 'fix'));
      mkdirSync(join(root, 'fix', 'deep'));
      return join(root, 'fix', 'deep');
    },
  },
  'a worktree inside the repository': {
    make: async ({ git, repo }) => {
      await git('worktree', 'add', '--quiet', '-b', 'fix', join(repo, '.trees', 'fix'));
      return join(repo, '.trees', 'fix');
    },
  },
  'a worktree with a head of its own': {
    make: async ({ git, root }) => {
      await git('worktree', 'add', '--quiet', '--detach', join(root, 'look'));
      return join(root, 'look');
    },
  },
  'a bare repository': {
    make: async ({ git, repo, root }) => {
      await git('clone', '--quiet', '--bare', repo, join(root, 'shop.git'));
      return join(root, 'shop.git');
    },
  },
  'a folder in a bare repository': {
    make: async ({ git, repo, root }) => {
      await git('clone', '--quiet', '--bare', repo, join(root, 'shop.git'));
      return join(root, 'shop.git', 'refs');
    },
  },
  'a worktree of a bare repository': {
    make: async ({ git, repo, root }) => {
      await git('clone', '--quiet', '--bare', repo, join(root, 'shop.git'));
      await git(
        '-C',
        join(root, 'shop.git'),
        'worktree',
        'add',
        '--quiet',
        '-b',
        'x',
        join(root, 'x'),
      );
      return join(root, 'x');
    },
  },
  'a bare repository behind a .git file': {
    make: async ({ git, repo, root, write }) => {
      await git('clone', '--quiet', '--bare', repo, join(root, 'proj', '.bare'));
      write(join(root, 'proj', '.git'), 'gitdir: ./.bare\n');
      return join(root, 'proj');
    },
  },
  'a submodule': {
    make: async ({ git, repo }) => {
      await git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo, 'sub');
      return join(repo, 'sub');
    },
  },
  'a worktree of a submodule': {
    make: async ({ git, repo, root }) => {
      await git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo, 'sub');
      await git('-C', join(repo, 'sub'), 'worktree', 'add', '--quiet', '-b', 'x', join(root, 'x'));
      return join(root, 'x');
    },
  },
  'a repository kept elsewhere': {
    make: async ({ git, root }) => {
      await git(
        'init',
        '--quiet',
        '-b',
        'main',
        '--separate-git-dir',
        join(root, 'store'),
        join(root, 'tree'),
      );
      return join(root, 'tree');
    },
  },
  'a repository within a repository': {
    make: async ({ git, repo }) => {
      await git('init', '--quiet', '-b', 'inner', join(repo, 'vendor'));
      return join(repo, 'vendor');
    },
  },
  'an empty .git folder within a repository': {
    make: ({ repo }) => {
      mkdirSync(join(repo, 'a', '.git'), { recursive: true });
      return join(repo, 'a');
    },
  },
  'a .git file that leads nowhere': {
    make: ({ root, write }) => {
      write(join(root, 'torn', '.git'), 'gitdir: /nowhere/at/all\n');
      return join(root, 'torn');
    },
  },
  'a working tree set elsewhere': IN_REPO(async ({ git, root, repo }) => {
    cpSync(repo, join(root, 'tree'), { recursive: true });
    await git('config', 'core.worktree', repo);
  }),
  'several remotes': IN_REPO(async ({ git }) => {
    await git('remote', 'rename', 'origin', 'fork');
    await git('remote', 'add', 'origin', 'https://host.example/up/shop');
  }),
  'a remote with two addresses': IN_REPO(({ git }) =>
    git('remote', 'set-url', '--add', 'origin', 'https://mirror.example/shop'),
  ),
  'a remote by a shorter beginning': IN_REPO(async ({ git, home, write }) => {
    write(
      join(home, '.gitconfig'),
      '[url "git@github.com:"]\n\tinsteadOf = gh:\n[url "https://host.example/Acme/"]\n\tinsteadOf = gh:Acme/\n',
    );
    await git('remote', 'set-url', 'origin', 'gh:Acme/Shop.git');
  }),
  'a section and a setting on one line': local('[user] email = line@acme.example\n'),
  'the old way to write a section': local(
    '[remote.origin]\n\tfetch = x\n[user]\n\temail = old@acme.example\n',
  ),
  'a comment, quotes and escapes': local('[user]\n\temail = "a;b\\"#c"@acme.example ; not this\n'),
  'a line that goes on': local('[user]\n\temail = dana\\\n@acme.example\n'),
  'capital letters': local('[USER]\n\tEMail = caps@acme.example\n'),
  'lines that end as on Windows': local('[user]\r\n\temail = crlf@acme.example\r\n'),
  'the last address of several': local(
    '[user]\n\temail = one@acme.example\n[user]\n\temail = two@acme.example\n',
  ),
  'an address of the person': personal('[user]\n\temail = me@home.example\n'),
  'an included file': IN_REPO(async ({ git, home, write }) => {
    await git('config', '--unset', 'user.email');
    write(join(home, '.gitconfig'), '[include]\n\tpath = .gitconfig-id\n');
    write(join(home, '.gitconfig-id'), WORK);
  }),
  'a file included by an included one': IN_REPO(async ({ git, home, write }) => {
    await git('config', '--unset', 'user.email');
    write(join(home, '.gitconfig'), '[include]\n\tpath = ~/a\n');
    write(join(home, 'a'), '[include]\n\tpath = b\n');
    write(join(home, 'b'), WORK);
  }),
  'a file included by folder': IN_REPO(async ({ git, home, repo, write }) => {
    await git('config', '--unset', 'user.email');
    write(
      join(home, '.gitconfig'),
      `[user]\n\temail = me@home.example\n[includeIf "gitdir:${repo}/"]\n\tpath = work\n`,
    );
    write(join(home, 'work'), WORK);
  }),
  'a file included by another folder': IN_REPO(async ({ git, home, write }) => {
    await git('config', '--unset', 'user.email');
    write(
      join(home, '.gitconfig'),
      '[user]\n\temail = me@home.example\n[includeIf "gitdir:~/work/"]\n\tpath = work\n',
    );
    write(join(home, 'work'), WORK);
  }),
  'a file included by folder in any letter case': IN_REPO(async ({ git, home, repo, write }) => {
    await git('config', '--unset', 'user.email');
    write(
      join(home, '.gitconfig'),
      `[includeIf "gitdir/i:${repo.toUpperCase()}/"]\n\tpath = work\n`,
    );
    write(join(home, 'work'), WORK);
  }),
  'a file included by branch': IN_REPO(async ({ git, home, write }) => {
    await git('config', '--unset', 'user.email');
    write(
      join(home, '.gitconfig'),
      '[user]\n\temail = me@home.example\n[includeIf "onbranch:ma*"]\n\tpath = work\n',
    );
    write(join(home, 'work'), WORK);
  }),
  'a file included by remote': IN_REPO(async ({ git, home, write }) => {
    await git('config', '--unset', 'user.email');
    write(
      join(home, '.gitconfig'),
      '[includeIf "hasconfig:remote.*.url:git@github.com:Acme/**"]\n\tpath = work\n',
    );
    write(join(home, 'work'), WORK);
  }),
  'an address in the other file of the person': IN_REPO(async ({ git, home, write }) => {
    await git('config', '--unset', 'user.email');
    write(join(home, '.gitconfig'), '[safe]\n\tdirectory = *\n');
    write(join(home, '.config', 'git', 'config'), WORK);
  }),
  'an address of one worktree': IN_REPO(async ({ git }) => {
    await git('config', 'extensions.worktreeConfig', 'true');
    await git('config', '--worktree', 'user.email', 'tree@acme.example');
  }),
  'configuration in the environment': {
    make: ({ repo }) => repo,
    env: () => ({
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'User.Email',
      GIT_CONFIG_VALUE_0: 'env@acme.example',
    }),
  },
  'configuration of a command': {
    make: ({ repo }) => repo,
    env: () => ({ GIT_CONFIG_PARAMETERS: "'user.email'='param@acme.example'" }),
  },
  'another file of the person': {
    make: async ({ git, repo, root, write }) => {
      await git('config', '--unset', 'user.email');
      write(join(root, 'mine'), WORK);
      return repo;
    },
    env: ({ root }) => ({ GIT_CONFIG_GLOBAL: join(root, 'mine') }),
  },
  'a file of the machine': {
    make: async ({ git, repo, root, write }) => {
      await git('config', '--unset', 'user.email');
      write(join(root, 'machine'), WORK);
      return repo;
    },
    env: ({ root }) => ({ GIT_CONFIG_SYSTEM: join(root, 'machine') }),
  },
  'a repository named by the environment': {
    make: async ({ git, home, repo }) => {
      await git('clone', '--quiet', '--bare', repo, join(home, '.dotfiles'));
      return home;
    },
    env: ({ home }) => ({ GIT_DIR: join(home, '.dotfiles'), GIT_WORK_TREE: home }),
  },
  'a folder above which git must not look': {
    make: ({ repo }) => {
      mkdirSync(join(repo, 'a', 'b'), { recursive: true });
      return join(repo, 'a', 'b');
    },
    env: ({ repo }) => ({ GIT_CEILING_DIRECTORIES: repo }),
  },
};

test('there are enough of them', () => {
  expect(Object.keys(LAYOUTS).length).toBeGreaterThanOrEqual(40);
});

test.each(Object.entries(LAYOUTS))('%s', async (_name, { make, env = () => ({}) }) => {
  const at: Made = {
    ...{ root: sandbox.root, home: sandbox.home, repo: sandbox.repo, git: sandbox.git },
    write: (file, text) => {
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
    },
  };
  const cwd = await make(at);
  const extra = env(at);
  const ask = async (...words: string[]) => {
    const run = await sandbox.run('git', words, { cwd, env: extra });
    return run.exitCode === 0 ? run.stdout.trim() : null;
  };
  const url = await ask('ls-remote', '--get-url', 'origin');
  const hasRemote = (await ask('config', '--get', 'remote.origin.url')) !== null;
  const memory = join(sandbox.root, 'memory');
  const place = readPlace(cwd, sandbox.env(extra), { memory, isOwnFolder: true });
  const branch = await ask('symbolic-ref', '--quiet', 'HEAD');
  expect(place.branch).toBe(branch?.replace('refs/heads/', '') ?? null);
  expect(place.developer).toBe((await ask('config', 'user.email')) || null);
  const name = url === null ? null : nameRemote(url);
  if (hasRemote && name !== null && !name.isFolder) expect(place.repository).toBe(name.name);
  const gitDir = await ask('rev-parse', '--absolute-git-dir');
  if (gitDir === null) expect(place.repository).toBeNull();
  else if (hasRemote && url !== null && name?.isFolder) expect(place.repository).toBe(url);
  else expect(place.repository).not.toBeNull();
  const prefix = await ask('rev-parse', '--show-prefix');
  expect(place.subPath).toBe(prefix?.replace(/\/$/, '') || null);
  // Once more, from what was remembered, where git was asked.
  expect(
    readPlace(cwd, sandbox.env({ ...extra, PATH: '' }), { memory, isOwnFolder: true }),
  ).toEqual(place);
});

/** Where the repository of a folder is by itself, without a remote. */
test('two bare repositories in one folder are two, and their worktrees are theirs', async () => {
  const { git, root } = sandbox;
  for (const name of ['shop', 'blog']) {
    const bare = join(root, 'srv', `${name}.git`);
    await git('clone', '--quiet', '--bare', sandbox.repo, bare);
    await git('-C', bare, 'remote', 'remove', 'origin');
    await git('-C', bare, 'worktree', 'add', '--quiet', join(root, name), 'main');
    const places = [bare, join(root, name)].map((cwd) => readPlace(cwd, sandbox.env()));
    expect(places.map(({ repository }) => repository)).toEqual([bare, bare]);
    await git('clone', '--quiet', `file://${bare}`, join(root, `${name}-clone`));
    expect(readPlace(join(root, `${name}-clone`), sandbox.env()).repository).toBe(bare);
  }
});

test('the worktrees beside a hidden bare repository are of the folder around it', async () => {
  const { git, root } = sandbox;
  const proj = join(root, 'proj');
  await git('clone', '--quiet', '--bare', sandbox.repo, join(proj, '.bare'));
  await git('-C', join(proj, '.bare'), 'remote', 'remove', 'origin');
  writeFileSync(join(proj, '.git'), 'gitdir: ./.bare\n');
  await git('-C', join(proj, '.bare'), 'worktree', 'add', '--quiet', '-b', 'x', join(proj, 'x'));
  for (const cwd of [proj, join(proj, 'x'), join(proj, '.bare')]) {
    expect(readPlace(cwd, sandbox.env()).repository).toBe(proj);
  }
});

test.each(['C:\\Users\\dev\\shop', 'shop', '', '.', '~/shop', '\\\\wsl$\\Ubuntu\\shop', null])(
  'the path %s of another machine is no place here',
  (cwd) => {
    expect(readPlace(cwd, sandbox.env())).toMatchObject({
      repository: null,
      branch: null,
      subPath: null,
    });
  },
);

test('where only git can tell the branch and does not, nobody knows it', async () => {
  await sandbox.git('config', 'core.repositoryformatversion', '1');
  await sandbox.git('config', 'extensions.refstorage', 'reftable');
  writeFileSync(join(sandbox.repo, '.git', 'HEAD'), 'ref: refs/heads/.invalid\n');
  mkdirSync(join(sandbox.repo, '.git', 'reftable'));
  const place = readPlace(sandbox.repo, sandbox.env({ PATH: '/nowhere' }));
  expect(place).toMatchObject({
    branch: null,
    isHeadUnknown: true,
    repository: 'github.com/Acme/Shop',
  });
});

test('a git that keeps branches in tables is asked once for each change of them', () => {
  const tables = join(sandbox.repo, '.git', 'reftable', 'tables.list');
  mkdirSync(join(tables, '..'));
  writeFileSync(join(sandbox.repo, '.git', 'HEAD'), 'ref: refs/heads/.invalid\n');
  const bin = join(sandbox.root, 'bin');
  mkdirSync(bin);
  const asked = join(sandbox.root, 'asked');
  const answer = (branch: string) =>
    writeFileSync(
      join(bin, 'git'),
      `#!/bin/sh\necho "$1" >> ${asked}\necho refs/heads/${branch}\n`,
      { mode: 0o755 },
    );
  const read = () =>
    readPlace(sandbox.repo, sandbox.env({ PATH: `${bin}:/bin` }), {
      memory: join(sandbox.root, 'memory'),
      isOwnFolder: true,
    }).branch;
  writeFileSync(tables, 'one\n');
  answer('feat/x');
  expect([read(), read(), read()]).toEqual(['feat/x', 'feat/x', 'feat/x']);
  writeFileSync(tables, 'one\ntwo\n');
  answer('feat/y');
  expect([read(), read()]).toEqual(['feat/y', 'feat/y']);
  expect(readFileSync(asked, 'utf8').trim().split('\n')).toHaveLength(2);
});

test('what git was asked is kept without any address of a remote', async () => {
  await sandbox.git('remote', 'set-url', 'origin', 'https://dana:S3CR3T@host.example/shop');
  writeFileSync(join(sandbox.home, '.gitconfig'), '[include]\n\tpath = more\n');
  const memory = join(sandbox.root, 'memory');
  const env = sandbox.env({ GIT_CONFIG_PARAMETERS: "'http.extraheader'='X: S3CR3T'" });
  expect(readPlace(sandbox.repo, env, { memory, isOwnFolder: true }).repository).toBe(
    'host.example/shop',
  );
  const kept = await sandbox.run('grep', ['-r', 'S3CR3T', memory]);
  expect(kept.stdout).toBe('');
  expect((await sandbox.run('ls', [memory])).stdout).toContain('.json');
});
