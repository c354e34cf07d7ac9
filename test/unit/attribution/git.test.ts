// Git facts from real repositories: where a branch left its base, what it was called before, and where the hot
// path says somebody works.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBranch, readMessages } from '../../../src/attribution/git.ts';
import { readPlace } from '../../../src/attribution/git-files.ts';
import { readPullRequest } from '../../../src/attribution/pull-request.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

/** Commits at a time of its own; returns the instant. */
async function commit(message: string, at: string, cwd = sandbox.repo): Promise<number> {
  const env = { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at, GIT_CONFIG_NOSYSTEM: '1' };
  const run = await sandbox.run('git', ['commit', '--quiet', '--allow-empty', '-m', message], {
    env,
    cwd,
  });
  if (run.exitCode !== 0) throw new Error(run.stderr);
  return Date.parse(at);
}

/** Makes a branch whose reflog says another time than now. */
async function branchOff(name: string, at: string): Promise<void> {
  const run = await sandbox.run('git', ['switch', '--quiet', '--create', name], {
    env: { GIT_COMMITTER_DATE: at },
  });
  if (run.exitCode !== 0) throw new Error(run.stderr);
}

describe('a branch', () => {
  test('left its base when it was made', async () => {
    await commit('on main', '2026-11-01T10:00:00Z');
    await branchOff('feat/ABC-7', '2026-11-02T10:00:00Z');
    const facts = await readBranch(sandbox.repo, {});
    expect(facts).toMatchObject({
      branch: 'feat/ABC-7',
      base: 'main',
      hasCommits: false,
      formerNames: [],
    });
    expect(facts.leftBaseAt).toBe(Date.parse('2026-11-02T10:00:00Z'));
    const last = await commit('work', '2026-11-03T10:00:00Z');
    expect(await readBranch(sandbox.repo, {})).toMatchObject({
      hasCommits: true,
      lastCommitAt: last,
      leftBaseAt: Date.parse('2026-11-02T10:00:00Z'),
    });
  });

  test('keeps its beginning when it is rebased', async () => {
    await branchOff('feat', '2026-11-02T10:00:00Z');
    await commit('work', '2026-11-03T10:00:00Z');
    await sandbox.git('switch', '--quiet', 'main');
    await commit('meanwhile', '2026-11-10T10:00:00Z');
    await sandbox.git('switch', '--quiet', 'feat');
    await sandbox.git('rebase', '--quiet', 'main');
    const facts = await readBranch(sandbox.repo, {});
    expect(facts.leftBaseAt).toBe(Date.parse('2026-11-02T10:00:00Z'));
  });

  test('is known by its merge base where its reflog is not, as in a clone', async () => {
    const forked = await commit('on main', '2026-11-01T10:00:00Z');
    await branchOff('feat', '2026-11-02T10:00:00Z');
    await commit('work', '2026-11-03T10:00:00Z');
    const clone = join(sandbox.root, 'clone');
    await sandbox.git('clone', '--quiet', '--branch', 'feat', sandbox.repo, clone);
    const facts = await readBranch(clone, { base: 'main' });
    expect(facts).toMatchObject({ branch: 'feat', base: 'origin/main', leftBaseAt: forked });
  });

  test('is found under the names it had', async () => {
    await branchOff('feat/abc-7', '2026-11-02T10:00:00Z');
    await sandbox.git('branch', '--move', 'feat/ABC-7');
    await sandbox.git('branch', '--move', 'feat/ABC-8');
    const facts = await readBranch(sandbox.repo, {});
    expect(facts.branch).toBe('feat/ABC-8');
    expect(facts.formerNames).toEqual(['feat/ABC-7', 'feat/abc-7']);
    expect(facts.leftBaseAt).toBe(Date.parse('2026-11-02T10:00:00Z'));
  });

  test('in a linked worktree is a branch like any other', async () => {
    const folder = join(sandbox.root, 'fix');
    await sandbox.git('worktree', 'add', '--quiet', '-b', 'fix/ABC-9', folder);
    expect(await readBranch(folder, {})).toMatchObject({ branch: 'fix/ABC-9', base: 'main' });
  });

  test('on the base itself has left nothing', async () => {
    expect(await readBranch(sandbox.repo, {})).toMatchObject({ branch: 'main', leftBaseAt: null });
  });

  test('must be named where the head is detached', async () => {
    await branchOff('feat', '2026-11-02T10:00:00Z');
    await sandbox.git('switch', '--quiet', '--detach');
    await expect(readBranch(sandbox.repo, {})).rejects.toMatchObject({ code: 'HEAD_DETACHED' });
    expect((await readBranch(sandbox.repo, { branch: 'feat' })).branch).toBe('feat');
  });

  test('a base that is not there is a mistake, and so is no repository', async () => {
    await expect(readBranch(sandbox.repo, { base: 'nope' })).rejects.toMatchObject({
      code: 'BASE_UNKNOWN',
    });
    await expect(readBranch(sandbox.home, {})).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  });

  test('tells its own commit messages only', async () => {
    await branchOff('feat', '2026-11-02T10:00:00Z');
    await commit('one\n\nTollgate-Cost: $1.00', '2026-11-03T10:00:00Z');
    await commit('two', '2026-11-03T11:00:00Z');
    expect(await readMessages(sandbox.repo, 'main')).toEqual([
      'two',
      'one\n\nTollgate-Cost: $1.00',
    ]);
  });
});

describe('where somebody works, from files alone', () => {
  test('is the normalised remote, the branch and the e-mail address', () => {
    expect(readPlace(sandbox.repo, sandbox.env())).toEqual({
      repository: 'github.com/Acme/Shop',
      subPath: null,
      worktree: null,
      branch: 'main',
      developer: 'dana@acme.example',
    });
  });

  test('names the folder inside a monorepo', async () => {
    const folder = join(sandbox.repo, 'packages', 'checkout');
    await mkdir(folder, { recursive: true });
    expect(readPlace(folder, sandbox.env())).toMatchObject({
      repository: 'github.com/Acme/Shop',
      subPath: 'packages/checkout',
    });
  });

  test('folds a linked worktree into its repository', async () => {
    const folder = join(sandbox.root, 'fix-it');
    await sandbox.git('worktree', 'add', '--quiet', '-b', 'fix/ABC-9', folder);
    expect(readPlace(folder, sandbox.env())).toMatchObject({
      repository: 'github.com/Acme/Shop',
      worktree: 'fix-it',
      branch: 'fix/ABC-9',
      developer: 'dana@acme.example',
    });
  });

  test('has no branch where the head is detached, and the new name after a renaming', async () => {
    await sandbox.git('switch', '--quiet', '--detach');
    expect(readPlace(sandbox.repo, sandbox.env()).branch).toBeNull();
    await sandbox.git('switch', '--quiet', 'main');
    await sandbox.git('branch', '--move', 'trunk');
    expect(readPlace(sandbox.repo, sandbox.env()).branch).toBe('trunk');
  });

  test('is the folder where there is no remote, and nothing outside', async () => {
    await sandbox.git('remote', 'remove', 'origin');
    expect(readPlace(sandbox.repo, sandbox.env()).repository).toBe(sandbox.repo);
    expect(readPlace(sandbox.home, sandbox.env()).repository).toBeNull();
  });

  test('is one place, whichever links lead there', async () => {
    const links = join(sandbox.root, 'links');
    await mkdir(join(sandbox.repo, 'packages', 'api'), { recursive: true });
    await mkdir(links);
    await symlink(sandbox.repo, join(links, 'top'));
    await symlink(join(sandbox.repo, 'packages', 'api'), join(links, 'api'));
    const env = sandbox.env();
    for (const repository of ['github.com/Acme/Shop', sandbox.repo]) {
      if (repository === sandbox.repo) await sandbox.git('remote', 'remove', 'origin');
      expect(readPlace(join(links, 'top'), env)).toEqual(readPlace(sandbox.repo, env));
      const inside = readPlace(join(sandbox.repo, 'packages', 'api'), env);
      expect(readPlace(join(links, 'api'), env)).toEqual(inside);
      expect(inside).toMatchObject({ repository, subPath: 'packages/api' });
    }
  });

  test('reads a configuration as git does', async () => {
    const config = join(sandbox.repo, '.git', 'config');
    await writeFile(
      config,
      [
        '[core]\n\turl = nothing',
        '[Remote "fork"]\n\tURL = https://host.example/fork/shop',
        '[remote "origin"] ; the real one\n\tfetch = +refs/*\n\turl = "https://host.example/a/b" # here',
        '[user]\n\temail = old@acme.example\n\temail=new@acme.example ; since May',
        '[user "else"]\n\temail = nobody@acme.example\n',
      ].join('\n'),
    );
    expect(readPlace(sandbox.repo, sandbox.env())).toMatchObject({
      repository: 'host.example/a/b',
      developer: 'new@acme.example',
    });
    await writeFile(config, '[remote "fork"]\n\turl = https://host.example/fork/shop\n');
    expect(readPlace(sandbox.repo, sandbox.env()).repository).toBe('host.example/fork/shop');
    await writeFile(config, '[user]\n\temail =\n');
    await writeFile(join(sandbox.home, '.gitconfig'), '[user]\n\temail = home@acme.example\n');
    expect(readPlace(sandbox.repo, sandbox.env()).developer).toBe('home@acme.example');
  });
});

describe('the pull request', () => {
  test('is what the build says', async () => {
    const env = { GITHUB_REF: 'refs/pull/42/merge', PATH: '' };
    expect(await readPullRequest(sandbox.repo, 'feat', env)).toBe('42');
  });

  test('is asked of gh where it is installed', async () => {
    const bin = join(sandbox.root, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'gh'), '#!/bin/sh\n[ "$3" = feat ] && echo 7 && exit 0\nexit 1\n', {
      mode: 0o755,
    });
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    expect(await readPullRequest(sandbox.repo, 'feat', env)).toBe('7');
    expect(await readPullRequest(sandbox.repo, 'other', env)).toBeNull();
    expect(await readPullRequest(sandbox.repo, 'feat', { PATH: '/nowhere' })).toBeNull();
  });
});
