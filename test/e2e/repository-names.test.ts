// Whose work it was, where the remote, the folder or the machine is an odd one: field cases 05 and 10, and others of their kinds.
import { chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgate, tollgateOk } from '../support/tollgate.ts';
import { response } from '../support/transcript-lines.ts';

const CASES = join(import.meta.dirname, '..', 'fixtures', 'field-cases');

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

/** A transcript of one request made in a folder, below a folder of Claude Code. */
function work(cwd: string, name = 's1', folder = join(sandbox.home, '.claude')): void {
  const path = join(folder, 'projects', '-p', `${name}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, response({ id: name, session: name, line: { cwd } }));
}

/** The groups of a report, in its order. */
async function keysBy(...by: string[]): Promise<readonly (readonly string[])[]> {
  const report = JSON.parse(await tollgateOk(sandbox, ['report', '--by', by.join(','), '--json']));
  const rows = report.rows as readonly { key: Record<string, string> }[];
  return rows.map(({ key }) => by.map((name) => key[name] ?? ''));
}

test.each([
  ['windows-cwd', 'feat/x'],
  ['no-cwd', '(unattributed)'],
  ['relative-cwd', 'main'],
])('%s: work of another machine is not booked on the repository at hand', async (name, branch) => {
  const path = join(sandbox.root, 'old', '.claude', 'projects', '-s', 's1.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(join(CASES, '05-foreign-cwd-charged-here', `${name}.jsonl`), path);
  await tollgateOk(sandbox, ['sync', '--from', join(sandbox.root, 'old', '.claude')]);
  expect(await keysBy('repository', 'branch')).toEqual([['(unattributed)', branch]]);
});

test('the remotes of one repository are one, with its client, and none shows a secret', async () => {
  const urls = readFileSync(join(CASES, '10-one-repository-many-names', 'remotes.txt'), 'utf8');
  mkdirSync(join(sandbox.home, '.ssh'));
  writeFileSync(
    join(sandbox.home, '.ssh', 'config'),
    'Host github.com-work\n HostName github.com\n',
  );
  const config = join(sandbox.home, '.config', 'tollgate', 'config.json');
  mkdirSync(dirname(config), { recursive: true });
  const clients = ['github.com/Acme/*', 'dev.azure.com/acme/*'].map((repository) => ({
    repository,
    client: 'Acme',
  }));
  writeFileSync(config, JSON.stringify({ clients }));
  for (const [at, url] of urls.trim().split('\n').entries()) {
    const clone = join(sandbox.root, `clone${at}`);
    await sandbox.git('init', '--quiet', clone);
    await sandbox.git('-C', clone, 'config', 'remote.origin.url', url);
    work(clone, `s${at}`);
  }
  await tollgateOk(sandbox, ['sync']);
  expect((await keysBy('repository', 'client')).map((key) => key.join(' '))).toEqual([
    'github.com/Acme/Shop Acme',
    'dev.azure.com/acme/Project/shop Acme',
    '[2001:db8::1]/acme/shop (unattributed)',
    'git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop (unattributed)',
    'gitlab.example.com/grp/shop (unattributed)',
    'host.example (unattributed)',
    's3://bucket (unattributed)',
  ]);
  const found = await sandbox.run('grep', [
    '-rlE',
    'SECRET|KEYID|prod-profile',
    sandbox.tollgateHome,
  ]);
  expect(found.stdout).toBe('');
});

test('one repository in two letter cases is one, in filters and rules too', async () => {
  for (const [at, url] of [
    'git@github.com:Acme/Shop.git',
    'https://GitHub.com/acme/SHOP',
  ].entries()) {
    const clone = join(sandbox.root, `clone${at}`);
    await sandbox.git('init', '--quiet', clone);
    await sandbox.git('-C', clone, 'config', 'remote.origin.url', url);
    work(clone, `s${at}`);
  }
  await tollgateOk(sandbox, ['sync']);
  expect(await keysBy('repository')).toHaveLength(1);
  const where = ['report', '--by', 'session', '--where', 'repository=GITHUB.com/aCME/*', '--json'];
  expect(JSON.parse(await tollgateOk(sandbox, where)).rows).toHaveLength(2);
});

test('foreign work has the developer that a person names, and else none', async () => {
  const old = join(sandbox.root, 'old-laptop');
  const older = join(sandbox.root, 'older-laptop');
  work(sandbox.repo, 'own');
  work('/nowhere/shop', 'foreign', old);
  work('/nowhere/shop', 'named', older);
  await tollgateOk(sandbox, ['sync', '--from', old]);
  await tollgateOk(sandbox, ['sync', '--from', older, '--developer', 'kim@acme.example']);
  await tollgateOk(sandbox, ['sync', '--from', join(sandbox.home, '.claude')]);
  expect((await keysBy('session', 'developer')).toSorted()).toEqual([
    ['foreign', '(unattributed)'],
    ['named', 'kim@acme.example'],
    ['own', 'dana@acme.example'],
  ]);
  const empty = await tollgate(sandbox, ['sync', '--developer', ' ']);
  expect(empty).toMatchObject({ exitCode: 2, stdout: '' });
});

// Only root can make a repository somebody else's.
test.skipIf(process.getuid?.() !== 0)(
  'a repository that git refuses is told in its words',
  async () => {
    for (const path of [sandbox.repo, join(sandbox.repo, '.git')]) chownSync(path, 65_534, 65_534);
    const run = await tollgate(sandbox, ['pr'], { GIT_CONFIG_NOSYSTEM: '1' });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('detected dubious ownership');
    expect(run.stderr).toContain('git config --global --add safe.directory');
  },
);
