// The workflow of examples/pull-request as GitHub runs it: each of its `run:` steps, in a checkout of the merge as
// actions/checkout leaves it, with the commits and trailers of a developer's machine. Only GitHub and the registry of
// packages are stand-ins, both programs on PATH.
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { buildCli } from '../support/built-cli.ts';
import { type FakeGh, installFakeGh } from '../support/fake-gh.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { basicPath, createSandbox, type Sandbox } from '../support/sandbox.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'pull-request');
const BRANCH = 'feat/SHOP-12';
let cli: Awaited<ReturnType<typeof buildCli>>;
let sandbox: Sandbox;
let gh: FakeGh;

beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli.remove());
beforeEach(async () => {
  sandbox = await createSandbox();
  gh = await installFakeGh(sandbox.root, [
    { id: 1, body: 'Nice work!' },
    { id: 2, body: 'It says <!-- tollgate:pr-cost --> at the top, see?' },
  ]);
  await prepareRepository();
});
afterEach(() => sandbox.cleanup());

/** A repository on a server, with the workflow on its main branch and the hook in the developer's clone. */
async function prepareRepository(): Promise<void> {
  const workflows = join(sandbox.repo, '.github', 'workflows');
  await mkdir(workflows, { recursive: true });
  await copyFile(join(EXAMPLE, 'workflow.yml'), join(workflows, 'tollgate-cost.yml'));
  await copyFile(join(EXAMPLE, 'comment.sh'), join(workflows, 'comment.sh'));
  await sandbox.git('add', '.');
  await sandbox.git('commit', '--quiet', '-m', 'Say what pull requests cost');
  await sandbox.git('init', '--quiet', '--bare', join(sandbox.root, 'server'));
  await sandbox.git('remote', 'add', 'server', join(sandbox.root, 'server'));
  await sandbox.git('push', '--quiet', 'server', 'main');
  const hook = join(sandbox.repo, '.git', 'hooks', 'prepare-commit-msg');
  await mkdir(join(sandbox.repo, '.git', 'hooks'), { recursive: true });
  await copyFile(join(EXAMPLE, 'prepare-commit-msg'), hook);
  await chmod(hook, 0o755);
  await sandbox.git('switch', '--quiet', '--create', BRANCH);
}

/** The developer spends, commits with the hook, and pushes; GitHub makes the merge that its builds check out. */
async function commitWork(id: string, usd: number): Promise<void> {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const labels = { repository: 'github.com/Acme/Shop', branch: BRANCH };
  // A second from now: commits have no finer time.
  recordAll(store, [request({ id, at: Date.now() + 1_000, cost: usd * 1e9, labels })]);
  store.close();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const env = { PATH: `${cli.bin}:${basicPath}` };
  const words = ['commit', '--quiet', '--allow-empty', '-m', id];
  const run = await sandbox.run('git', words, { env });
  if (run.exitCode !== 0) throw new Error(run.stderr);
  await sandbox.git('push', '--quiet', 'server', BRANCH);
  const tree = await sandbox.git('write-tree');
  const parents = ['-p', 'main', '-p', BRANCH];
  const merge = await sandbox.git(
    'commit-tree',
    tree,
    ...parents,
    '-m',
    `Merge ${BRANCH} into main`,
  );
  await sandbox.git('push', '--quiet', '--force', 'server', `${merge}:refs/pull/42/merge`);
}

interface Step {
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The `run:` steps of the workflow, in order; every line of the file that they are made of is understood. */
async function readSteps(): Promise<readonly Step[]> {
  const text = await readFile(join(EXAMPLE, 'workflow.yml'), 'utf8');
  const steps = text
    .slice(text.indexOf('    steps:\n'))
    .split(/^ {6}- /m)
    .slice(1);
  return steps.flatMap((step) => {
    const run = /^run: (?![|>])(.+)$/m.exec(step)?.[1];
    if (run === undefined) {
      expect(step).toMatch(/^uses: actions\/(checkout|setup-node)@v4$/m);
      return [];
    }
    const pairs = [...step.matchAll(/^ {10}(\w+): (.+)$/gm)].map(([, key = '', value = '']) => {
      return [key, value.replace(/\$\{\{ (.+?) \}\}/g, (_, name: string) => contextOf(name))];
    });
    return [{ run, env: Object.fromEntries(pairs) as Record<string, string> }];
  });
}

/** What GitHub puts in for an expression. */
function contextOf(name: string): string {
  const values: Readonly<Record<string, string>> = {
    'github.token': 'ghs_not_a_token',
    'github.event.pull_request.number': '42',
    'github.base_ref': 'main',
  };
  const value = values[name];
  if (value === undefined) throw new Error(`the workflow uses ${name}: say here what it is`);
  return value;
}

/** Runs the job once, from a new checkout, as a runner does; answers what its steps printed. */
async function runJob(serial: number): Promise<string> {
  const checkout = join(sandbox.root, `runner-${serial}`);
  const server = join(sandbox.root, 'server');
  await sandbox.git('clone', '--quiet', '--no-checkout', server, checkout);
  await sandbox.git(
    '-C',
    checkout,
    'fetch',
    '--quiet',
    'origin',
    '+refs/pull/42/merge:refs/remotes/pull/42/merge',
  );
  await sandbox.git(
    '-C',
    checkout,
    'checkout',
    '--quiet',
    '--detach',
    'refs/remotes/pull/42/merge',
  );
  const installed = join(sandbox.root, `global-${serial}`);
  await mkdir(installed);
  const npm = join(sandbox.root, `npm-${serial}`);
  await mkdir(npm);
  await writeFile(
    join(npm, 'npm'),
    `#!/bin/sh\n[ "$*" = "install --global tollgate" ] && cp "${cli.bin}/tollgate" "${installed}/"\n`,
    { mode: 0o755 },
  );
  const build = {
    PATH: `${installed}:${npm}:${gh.bin}:${basicPath}`,
    // A runner has no ledger of its own.
    TOLLGATE_HOME: join(sandbox.root, `runner-home-${serial}`),
    ...{ CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'Acme/Shop' },
    ...{ GITHUB_REF: 'refs/pull/42/merge', GITHUB_HEAD_REF: BRANCH, GITHUB_BASE_REF: 'main' },
  };
  let printed = '';
  for (const { run, env } of await readSteps()) {
    const script = join(sandbox.root, 'step.sh');
    await writeFile(script, run);
    const step = await sandbox.run('bash', ['-e', script], {
      cwd: checkout,
      env: { ...build, ...env },
    });
    if (step.exitCode !== 0) throw new Error(`${run}\n${step.stdout}${step.stderr}`);
    printed += step.stdout;
  }
  return printed.trim();
}

test('comments once, and again only when there is news', { timeout: 120_000 }, async () => {
  await commitWork('Find things', 1.25);
  expect(await runJob(1)).toBe('commented on #42');
  const first = await gh.comments();
  expect(first).toHaveLength(3);
  expect(first[2]?.body).toMatch(
    /^<!-- tollgate:pr-cost -->\n\*\*\$1\.25\*\* for 1 request in 1 session/,
  );

  expect(await runJob(2)).toBe('nothing has changed on #42');
  expect(await gh.comments()).toEqual(first);

  await commitWork('Find more', 0.5);
  expect(await runJob(3)).toBe('comment on #42 is up to date');
  const third = await gh.comments();
  expect(third.slice(0, 2)).toEqual(first.slice(0, 2));
  expect(third[2]?.body).toContain('**$1.75** for 2 requests');
  expect(third).toHaveLength(3);
  const writes = (await gh.calls()).filter((call) => !call.startsWith('GET'));
  expect(writes).toEqual([
    'POST repos/Acme/Shop/issues/42/comments',
    `PATCH repos/Acme/Shop/issues/comments/${third[2]?.id}`,
  ]);
});

test('says zero for work without trailers, and fails where it may not comment', async () => {
  await sandbox.git('commit', '--quiet', '--allow-empty', '--no-verify', '-m', 'by hand');
  await commitWork('also by hand', 0);
  await runJob(1);
  expect((await gh.comments())[2]?.body).toContain('**$0.00** for 0 requests');
  await writeFile(join(gh.bin, 'gh'), '#!/bin/sh\necho "HTTP 403" >&2; exit 1\n');
  await expect(runJob(2)).rejects.toThrow('HTTP 403');
});
