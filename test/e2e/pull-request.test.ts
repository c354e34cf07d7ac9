// `tollgate pr` and `tollgate trailer` in real repositories, and the files of examples/pull-request as they are.
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formatTrailer, parseTrailers } from '../../src/reports/trailer.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { buildCli } from '../support/built-cli.ts';
import { cliOk, runCli } from '../support/in-process-cli.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { basicPath, createSandbox, type Sandbox } from '../support/sandbox.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'pull-request');
const REPOSITORY = 'github.com/Acme/Shop';
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  await sandbox.git('branch', '--move', 'main');
  await gitAt('2026-11-19T08:00:00Z', 'commit', '--quiet', '--allow-empty', '-m', 'on main');
  await gitAt('2026-11-19T09:00:00Z', 'switch', '--quiet', '--create', 'feat/ABC-7');
});
afterEach(() => sandbox.cleanup());

async function gitAt(at: string, ...words: string[]): Promise<void> {
  const env = { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at, GIT_CONFIG_NOSYSTEM: '1' };
  const run = await sandbox.run('git', words, { env });
  if (run.exitCode !== 0) throw new Error(run.stderr);
}

/** One request on a branch: instant, dollars, and what differs. */
function spend(
  at: string,
  usd: number,
  more: { branch?: string; model?: string; session?: string; repository?: string } = {},
): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const {
    branch = 'feat/ABC-7',
    model = 'claude-opus-5-5',
    session = 's1',
    repository = REPOSITORY,
  } = more;
  const id = `msg_${at}_${branch}_${model}`;
  recordAll(store, [
    request({
      id,
      at,
      session,
      cost: Math.round(usd * 1e9),
      labels: { repository, branch, model },
    }),
  ]);
  store.close();
}

function spendOrdinarily(): void {
  spend('2026-11-18T10:00:00Z', 50); // an older branch of the same name
  spend('2026-11-19T10:00:00Z', 1.234567);
  spend('2026-11-19T11:00:00Z', 0.01, { model: 'claude-haiku-4-5', session: 's2' });
  spend('2026-11-19T10:30:00Z', 70, { branch: 'main' });
  spend('2026-11-19T10:30:00Z', 80, { repository: 'github.com/Acme/Web' });
}

describe('tollgate pr', () => {
  test('prints the same note for the same cost', async () => {
    spendOrdinarily();
    const note = await cliOk(sandbox, ['pr']);
    expect(note).toBe(
      [
        '<!-- tollgate:pr-cost -->',
        '**$1.24** for 2 requests in 2 sessions since feat/ABC-7 left main.',
        '',
        '| Model | Cost | Requests |',
        '| :-- | --: | --: |',
        '| claude-opus-5-5 | $1.23 | 1 |',
        '| claude-haiku-4-5 | $0.01 | 1 |',
        '| **Total** | **$1.24** | **2** |',
        '',
      ].join('\n'),
    );
    expect(await cliOk(sandbox, ['pr'], { now: Date.parse('2026-12-24T00:00Z') })).toBe(note);
    expect(await cliOk(sandbox, ['pr', '--format', 'line', '--base', 'main'])).toBe(
      '<!-- tollgate:pr-cost -->\n**$1.24** for 2 requests in 2 sessions since feat/ABC-7 left main: claude-opus-5-5 $1.23, claude-haiku-4-5 $0.01.\n',
    );
  });

  test('keeps its JSON contract', async () => {
    spendOrdinarily();
    const json = JSON.parse(await cliOk(sandbox, ['pr', '--json', '--pr', '42'])) as object;
    expect(json).toMatchObject({
      schema: 'tollgate/pr@1',
      branch: 'feat/ABC-7',
      base: 'main',
      pullRequest: '42',
      since: '2026-11-19T09:00:00.000Z',
      costNanoUsd: 1_244_567_000,
      costUsd: 1.244567,
      requestCount: 2,
      sessionCount: 2,
      source: { kind: 'ledger' },
    });
  });

  test('follows a branch through its names', async () => {
    spendOrdinarily();
    await sandbox.git('branch', '--move', 'feat/checkout');
    spend('2026-11-20T10:00:00Z', 1, { branch: 'feat/checkout' });
    const { costNanoUsd } = JSON.parse(await cliOk(sandbox, ['pr', '--json'])) as {
      costNanoUsd: number;
    };
    expect(costNanoUsd).toBe(2_244_567_000);
  });

  test('in a build that checked out a merge it takes the branch from the build', async () => {
    await sandbox.git('switch', '--quiet', '--detach');
    expect(await runCli(sandbox, ['pr'])).toMatchObject({ exitCode: 2, stdout: '' });
    const env = sandbox.env({ GITHUB_HEAD_REF: 'feat/ABC-7' });
    expect(await cliOk(sandbox, ['pr'], { env })).toContain('since feat/ABC-7 left main');
  });

  test('says zero where nothing was spent, and what is wrong where it is', async () => {
    expect(await cliOk(sandbox, ['pr', '--format', 'line'])).toContain('**$0.00** for 0 requests');
    expect((await runCli(sandbox, ['pr', '--format', 'pdf'])).stderr).toContain(
      'formats: line, table',
    );
    expect((await runCli(sandbox, ['pr', '--base', 'nope'])).stderr).toContain('no branch nope');
    expect((await runCli(sandbox, ['pr'], { cwd: sandbox.home })).stderr).toContain(
      'no git repository',
    );
  });
});

describe('tollgate trailer', () => {
  test('tells what was spent since the last commit, each dollar once', async () => {
    spendOrdinarily();
    const first = await cliOk(sandbox, ['trailer']);
    expect(first).toBe(
      'Tollgate-Cost: $1.244567 (2 requests, 2 sessions; claude-opus-5-5 $1.234567/1, claude-haiku-4-5 $0.01/1)\n',
    );
    await gitAt(
      '2026-11-19T12:00:00Z',
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      `one\n\n${first}`,
    );
    expect(await cliOk(sandbox, ['trailer'])).toBe('');
    spend('2026-11-19T13:00:00Z', 0.5);
    const second = await cliOk(sandbox, ['trailer']);
    expect(second).toContain('$0.50 (1 request, 1 session; claude-opus-5-5 $0.50/1)');
    expect(await cliOk(sandbox, ['trailer', '--all'])).toContain('$1.744567 (3 requests');
    await gitAt(
      '2026-11-19T14:00:00Z',
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      `two\n\n${second}`,
    );
    expect(await cliOk(sandbox, ['pr', '--trailers', '--format', 'line'])).toBe(
      '<!-- tollgate:pr-cost -->\n**$1.74** for 3 requests in 3 sessions since feat/ABC-7 left main: claude-opus-5-5 $1.73, claude-haiku-4-5 $0.01. From the trailers of 2 commits.\n',
    );
  });

  test('can be read back', () => {
    const cost = {
      costNanoUsd: 1_234_567_891,
      requestCount: 1_234,
      sessionCount: 2,
      models: [
        { model: 'claude-opus-5-5', costNanoUsd: 1_234_000_000, requestCount: 1_200 },
        { model: 'odd model, (x)', costNanoUsd: 567_891, requestCount: 34 },
      ],
    };
    const read = parseTrailers([`subject\n\n${formatTrailer(cost)}\nSigned-off-by: me`]);
    expect(read).toMatchObject({
      ...cost,
      trailerCount: 1,
      models: [cost.models[0], { model: 'odd-model-x-' }],
    });
    expect(parseTrailers(['Tollgate-Cost: a lot', 'Tollgate-Cost: $1.23'])).toMatchObject({
      costNanoUsd: 1_230_000_000,
      trailerCount: 1,
    });
    expect(formatTrailer({ ...cost, costNanoUsd: 0 })).toBeNull();
  });
});

describe('examples/pull-request', () => {
  let cli: Awaited<ReturnType<typeof buildCli>>;
  beforeAll(async () => {
    cli = await buildCli();
  });
  afterAll(() => cli.remove());

  /** `gh` with one pull request and its comments in files; everything it is asked is written down. */
  async function fakeGh(): Promise<{ env: Record<string, string>; comments: string }> {
    const bin = join(sandbox.root, 'bin');
    const comments = join(sandbox.root, 'comments');
    await mkdir(bin);
    await mkdir(comments);
    const script = `#!/bin/sh
      shift # api
      for word in "$@"; do case $word in body=@*) file=\${word#body=@};; repos/*) path=$word;; esac; done
      echo "$path $*" >> "$COMMENTS.log"
      case "$*" in
        *POST*) cp "$file" "$COMMENTS/7" ;;
        *PATCH*) cp "$file" "$COMMENTS/\${path##*/}" ;;
        *startswith*) ls "$COMMENTS" ;;
        *) cat "$COMMENTS/\${path##*/}" ;;
      esac\n`;
    await writeFile(join(bin, 'gh'), script, { mode: 0o755 });
    const env = {
      PATH: `${bin}:${cli.bin}:${basicPath}`,
      COMMENTS: comments,
      GITHUB_REPOSITORY: 'Acme/Shop',
    };
    return { env, comments };
  }

  test('the hook writes the trailer into every commit, once, and stops none', async () => {
    const hook = join(sandbox.repo, '.git', 'hooks', 'prepare-commit-msg');
    await mkdir(join(sandbox.repo, '.git', 'hooks'), { recursive: true });
    await copyFile(join(EXAMPLE, 'prepare-commit-msg'), hook);
    await chmod(hook, 0o755);
    const env = { PATH: `${cli.bin}:${basicPath}` };
    const commit = (...words: string[]) =>
      sandbox.run('git', ['commit', '--quiet', '--allow-empty', ...words], { env });
    expect((await commit('-m', 'nothing spent')).exitCode).toBe(0);
    expect(await sandbox.git('log', '-1', '--format=%B')).toBe('nothing spent');
    spend(new Date(Date.now() + 2_000).toISOString(), 0.25);
    expect((await commit('-m', 'work')).exitCode).toBe(0);
    const trailer = await sandbox.git('log', '-1', '--format=%(trailers:key=Tollgate-Cost)');
    expect(trailer).toBe('Tollgate-Cost: $0.25 (1 request, 1 session; claude-opus-5-5 $0.25/1)');
    expect((await commit('--amend', '--no-edit')).exitCode).toBe(0);
    expect(await sandbox.git('log', '-1', '--format=%(trailers:key=Tollgate-Cost)')).toBe(trailer);
    const without = await sandbox.run(
      'git',
      ['commit', '--quiet', '--allow-empty', '-m', 'no tollgate'],
      {
        env: { PATH: '/usr/bin:/bin' },
      },
    );
    expect(without.exitCode).toBe(0);
  });

  test('the script keeps one comment on a pull request', async () => {
    const { env, comments } = await fakeGh();
    const comment = async () => {
      const run = await sandbox.run('sh', [join(EXAMPLE, 'comment.sh'), '42', 'main'], { env });
      if (run.exitCode !== 0) throw new Error(run.stderr);
      return run.stdout.trim();
    };
    await sandbox.git(
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      'one\n\nTollgate-Cost: $1.00 (2 requests, 1 session)',
    );
    expect(await comment()).toBe('commented on #42');
    expect(await readFile(join(comments, '7'), 'utf8')).toContain('**$1.00** for 2 requests');
    expect(await comment()).toBe('nothing has changed on #42');
    await sandbox.git(
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      'two\n\nTollgate-Cost: $0.50 (1 request, 1 session)',
    );
    expect(await comment()).toBe('comment on #42 is up to date');
    expect(await readFile(join(comments, '7'), 'utf8')).toContain('**$1.50** for 3 requests');
    const log = await readFile(`${comments}.log`, 'utf8');
    expect(log.match(/POST/g)).toHaveLength(1);
    expect(log).toContain('repos/Acme/Shop/issues/42/comments');
  });

  test('the workflow may do what its script does, and no more', async () => {
    const workflow = await readFile(join(EXAMPLE, 'workflow.yml'), 'utf8');
    expect(workflow).toContain('pull-requests: write');
    expect(workflow).toContain('contents: read');
    expect(workflow).toContain('fetch-depth: 0');
    expect(workflow).toContain('comment.sh "$NUMBER" "origin/$BASE"');
    // What others have written (a branch's name) reaches the shell through the environment only.
    const runs = [...workflow.matchAll(/run: (.*)/g)].map(([, command]) => command);
    expect(runs.filter((command) => command?.includes('${{'))).toEqual([]);
  });
});
