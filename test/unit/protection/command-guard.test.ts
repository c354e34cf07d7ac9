// The shell guard in a real repository: git by what git knows, commands of every day, other shells, tools of MCP servers.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claudeCodeTools } from '../../../src/agents/claude-code/tools/tools.ts';
import { protectedPath } from '../../../src/protection/protected-paths.ts';

const EVERYDAY = readFileSync(
  join(import.meta.dirname, '../../fixtures/everyday-commands.txt'),
  'utf8',
)
  .trimEnd()
  .split('\n');

let root: string;
let repo: string;

const ask = (name: string, input: object) =>
  protectedPath(
    { name, input },
    {
      cwd: repo,
      variables: { HOME: join(root, 'home'), TMPDIR: '/tmp' },
      tools: claudeCodeTools,
      files: () => [
        join(repo, '.claude/settings.json'),
        join(repo, '.claude/settings.local.json'),
        join(repo, '.claude/tollgate.json'),
        join(root, 'home/.claude/settings.json'),
        join(root, 'home/.claude/projects/*.jsonl'),
        join(root, 'home/.local/state/tollgate'),
        '/usr/lib/node_modules/tollgate/dist',
      ],
    },
  );
const bash = (command: string) => ask('Bash', { command });
const git = (...words: string[]) =>
  execFileSync('git', words, {
    cwd: repo,
    stdio: 'pipe',
    env: { PATH: process.env.PATH ?? '', HOME: join(root, 'home'), GIT_CONFIG_NOSYSTEM: '1' },
  });

beforeEach(() => {
  // Not below /tmp, which everyday commands empty.
  root = realpathSync(
    mkdtempSync(join(process.platform === 'linux' ? '/var/tmp' : tmpdir(), 'tollgate-guard-')),
  );
  repo = join(root, 'repo');
  for (const folder of ['repo/.claude', 'repo/src', 'home/.claude/projects']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  git('init', '--quiet', '--initial-branch=main', '--template=');
  git('config', 'user.name', 'Dana');
  git('config', 'user.email', 'dana@acme.example');
  writeFileSync(join(repo, 'src/app.ts'), 'x\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  git('branch', 'old');
  for (const name of ['settings.json', 'tollgate.json'])
    writeFileSync(join(repo, '.claude', name), '{}\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const commit = () => {
  git('add', '-A');
  git('commit', '--quiet', '-m', 'guard');
};

describe('git, where it does not keep our files', () => {
  test.each([
    ['git clean -fdx', 'git clean -fdx -e .claude'],
    ['git clean -fd', 'git clean -fd -e .claude'],
    ['git stash -u', "git stash push -u -- ':!.claude'"],
    [
      'git stash push --include-untracked -m wip',
      "git stash push --include-untracked -m wip -- ':!.claude'",
    ],
    ['git add -A && git stash', "git stash push -- ':!.claude'"],
  ])('%s is refused, and what was meant is named', (command, instead) => {
    const refusal = bash(command);
    expect(refusal).toEqual({ path: expect.stringContaining(`${repo}/.claude/`), instead });
    expect(bash(instead)).toBeNull();
  });

  test.each([
    ...[
      'git clean -n',
      'git clean -f',
      'git clean -fd src',
      'git clean -fdX',
      'git stash',
      'git checkout .',
    ],
    ...[
      'git reset --hard',
      'git checkout old',
      'git reset --hard old',
      'git restore .',
      'git switch -c x',
    ],
  ])('%s passes', (command) => expect(bash(command)).toBeNull());

  test('what git is told to leave alone is left alone', () => {
    writeFileSync(join(repo, '.gitignore'), '.claude/\n');
    expect(bash('git clean -fd')).toBeNull();
    expect(bash('git stash -u')).toBeNull();
    expect(bash('git clean -fdx')).not.toBeNull();
    expect(bash('git stash -a')).not.toBeNull();
  });
});

describe('git, where it keeps our files', () => {
  test('another commit that has them not, or otherwise, is not gone to', () => {
    commit();
    for (const command of [
      ...['git checkout old', 'git switch old', 'git reset --hard old', 'git checkout HEAD~1'],
      ...[
        'git restore -s old .',
        'git checkout old -- .',
        'git revert --no-edit HEAD',
        'git rm -rf .claude',
      ],
      ...['git sparse-checkout set src', 'git -C src checkout old', 'git read-tree -u --reset old'],
    ]) {
      expect([command, bash(command) === null]).toEqual([command, false]);
    }
    expect(bash('git checkout -b next')).toBeNull();
    expect(bash('git reset --hard main')).toBeNull();
    expect(bash('git clean -fdx')).toBeNull();
  });

  test('changes to them that are not committed are not taken back', () => {
    commit();
    expect(bash('git checkout .')).toBeNull();
    expect(bash('git stash')).toBeNull();
    appendFileSync(join(repo, '.claude/settings.json'), ' \n');
    for (const command of ['git checkout .', 'git stash', 'git reset --hard', 'git restore .']) {
      expect([command, bash(command)?.instead ?? 'none']).toEqual([
        command,
        expect.stringContaining(':!.claude'),
      ]);
    }
  });

  test('aliases, editors and scripts of git are read', () => {
    for (const command of [
      "git -c alias.x='!rm -rf .claude' x",
      "GIT_EDITOR='rm -rf .claude #' git commit --amend",
      "git rebase --exec 'rm -rf .claude' HEAD~1",
      'git mv .claude .c2',
      'git diff --output=.claude/settings.json',
    ]) {
      expect([command, bash(command) === null]).toEqual([command, false]);
    }
    git('config', 'alias.wipe', 'clean -fdx');
    expect(bash('git wipe')).not.toBeNull();
  });
});

test(`of ${EVERYDAY.length} commands of every day none is refused`, () => {
  expect(EVERYDAY.length).toBeGreaterThanOrEqual(300);
  expect(EVERYDAY.filter((command) => bash(command) !== null)).toEqual([]);
});

test('scripts that a command runs are read: files, package.json, what it writes itself', () => {
  writeFileSync(join(repo, 'x.sh'), 'cd src\nrm -rf ../.claude\n');
  writeFileSync(join(repo, 'ok.sh'), 'rm -rf dist\n');
  writeFileSync(join(repo, 'package.json'), '{"scripts":{"wipe":"git clean -fdx","build":"tsc"}}');
  for (const command of [
    'sh x.sh',
    'bash ./x.sh',
    '. ./x.sh',
    './x.sh',
    'npm run wipe',
    'echo "rm -r .claude" > y; sh y',
  ]) {
    expect([command, bash(command) === null]).toEqual([command, false]);
  }
  for (const command of ['sh ok.sh', './ok.sh', 'npm run build', 'npm test']) {
    expect([command, bash(command)]).toEqual([command, null]);
  }
});

describe('other shells, and tools of MCP servers', () => {
  test.each([
    ...[
      'Remove-Item -Recurse -Force .claude',
      'ri .claude/settings.json',
      "Set-Content .claude/settings.json '{}'",
    ],
    ...[
      "'{}' | Out-File .claude/settings.json",
      'Move-Item .claude .c2',
      'Clear-Content -Path .claude\\settings.json',
    ],
    ...[
      "[IO.File]::Delete('.claude/settings.json')",
      'cmd /c "rmdir /s /q .claude"',
      'cmd /c del "x & y/../.claude/settings.json"',
      "'{}' > .claude/settings.json",
    ],
    ...['Get-ChildItem .claude | Remove-Item -Recurse', 'git clean -fdx', "iex 'ri -r .claude'"],
    ...[
      'Remove-Item "$env:USERPROFILE\\.claude\\settings.json"',
      'Set-Location .claude; del settings.json',
    ],
  ])('PowerShell: %s is refused', (command) =>
    expect(ask('PowerShell', { command })).not.toBeNull(),
  );

  test.each([
    ...[
      'Get-Content .claude/settings.json',
      'Remove-Item -Recurse dist',
      'npm test',
      "Set-Content out.txt '{}'",
    ],
    ...[
      'Get-ChildItem | Where-Object { $_.Name -like "*.ts" }',
      'git status',
      'Copy-Item a.txt b.txt',
    ],
  ])('PowerShell: %s passes', (command) => expect(ask('PowerShell', { command })).toBeNull());

  test.each([
    ['mcp__fs__save', { uri: '.claude/settings.json', text: '{}' }],
    ['mcp__fs__write_file', { file: { path: '.claude/settings.json' }, content: '{}' }],
    ['mcp__filesystem__move_file', { source: '.claude/settings.json', destination: 'x' }],
    ['mcp__fs__delete', { path: '.claude' }],
    ['mcp__shell__run', { command: 'rm -rf .claude' }],
    ['mcp__shell__exec', { argv: ['rm', '-rf', '.claude'] }],
    ['mcp__shell__exec', { program: 'rm', args: ['-rf', '.claude'] }],
    ['mcp__git__git_clean', { force: true }],
    ['mcp__win__run', { command: 'Remove-Item .claude -Recurse' }],
  ])('%s of %o is refused', (name, input) => expect(ask(name, input)).not.toBeNull());

  test.each([
    ['mcp__fs__read_file', { path: '.claude/settings.json' }],
    ['mcp__fs__write_file', { path: 'src/app.ts', content: '.claude/settings.json' }],
    [
      'mcp__github__create_issue',
      { title: 'Mend .claude/settings.json', body: 'rm -rf .claude\n' },
    ],
    ['mcp__git__git_status', { repo_path: '.' }],
    ['mcp__shell__run', { command: 'npm test' }],
  ])('%s of %o passes', (name, input) => expect(ask(name, input)).toBeNull());

  test('a file: address is the path it stands for', () => {
    const uri = `file://${repo}/.claude/settings.json`;
    expect(ask('mcp__fs__write', { uri, text: '{}' })).not.toBeNull();
  });
});

describe("git's index", () => {
  test.each([
    'git rm -r --cached .',
    'git rm -r --cached . && git add . && git commit -m "ignore"',
  ])('%s leaves our files where they are', (command) => {
    commit();
    expect(bash(command)).toBeNull();
  });

  test.each(['git rm -rq --cached . && git clean -fdq', 'git rm -r .'])(
    '%s does not',
    (command) => {
      commit();
      expect(bash(command)).not.toBeNull();
    },
  );

  test('a list of what is not kept may be of one folder', () => {
    const list = 'git ls-files -o -z --exclude-standard';
    expect(bash(`${list} -- build | xargs -0 rm -rf`)).toBeNull();
    expect(bash(`${list} -- .claude | xargs -0 rm -rf`)).not.toBeNull();
    expect(bash(`${list} | xargs -0 rm -rf`)).not.toBeNull();
  });

  test('an rsync that only shows what it would do', () => {
    expect(bash('rsync -avn --delete ../template/ ./')).toBeNull();
    expect(bash('rsync -av --delete ../template/ ./')).not.toBeNull();
    expect(bash('rsync -a --delete --exclude .claude --exclude .git ../template/ ./')).toBeNull();
    expect(bash('rsync -a --delete --exclude .git ../template/ ./')).not.toBeNull();
  });
});
