import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  hookEntries,
  hookFilesIn,
} from '../../../../../src/agents/claude-code/install/hook-entries.ts';
import {
  isAtLeast,
  parseHostVersion,
  readHostVersion,
} from '../../../../../src/agents/claude-code/install/host-version.ts';
import {
  hookEntriesHere,
  install,
  previewInstall,
  projectHookEntries,
  settingsPathOf,
  uninstall,
} from '../../../../../src/agents/claude-code/install/install.ts';
import { runs } from '../../../../support/runs.ts';
import { posixTest } from '../../../../support/systems.ts';

let home: string;
let project: string;
let stateHome: string;
let settingsPath: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tollgate-install-'));
  project = join(home, 'shop');
  stateHome = join(home, 'state');
  settingsPath = settingsPathOf('project', project);
  mkdirSync(project);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const entries = (nodePath = '/usr/bin/node') =>
  hookEntries({
    hookFiles: hookFilesIn('/opt/tollgate/dist/hooks'),
    nodePath,
    nodeVersion: '24.0.0',
    hostVersion: [2, 1, 330],
    envPath: null,
    extraCaCerts: false,
  });
const doInstall = (nodePath?: string) =>
  install({ settingsPath, stateHome, hookEntries: entries(nodePath) });
const doUninstall = () => uninstall({ settingsPath, stateHome });
function write(text: string | Uint8Array, file = settingsPath) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
const text = () => readFileSync(settingsPath, 'utf8');

const ORIGINALS: readonly [string, string | Buffer][] = [
  ['comments', '{\n  // mine\n  "a": 1 // one\n}\n'],
  ['CRLF and tabs', '{\r\n\t"a": 1\r\n}\r\n'],
  ['a byte order mark', '\uFEFF{ "a": 1 }'],
  [
    'trailing commas',
    '{ "hooks": { "Stop": [ { "hooks": [ { "type": "command", "command": "x", }, ], }, ], }, }',
  ],
  ['no line end at its end', '{"model":"opus"}'],
  ['nothing in it', ''],
  ['only spaces', ' \n'],
  ['an empty object', '{}'],
  ['odd characters', '{ "a": "ä😀\\u0000\\ud800" }\n\n\n'],
];

describe('install and uninstall', () => {
  test('where there was nothing, nothing is left', () => {
    expect(doInstall()).toMatchObject({
      kind: 'installed',
      settingsPath,
      before: null,
      backupFile: null,
    });
    expect(doUninstall()).toEqual({ kind: 'restored', settingsPath, fileRemoved: true });
    expect(readdirSync(project)).toEqual([]);
    expect(readdirSync(join(stateHome, 'backups'))).toEqual([]);
    expect(readdirSync(join(stateHome, 'locks'))).toEqual([]);
  });

  test('a folder that was there, or is used since, stays', () => {
    mkdirSync(join(project, '.claude'));
    doInstall();
    doUninstall();
    expect(readdirSync(project)).toEqual(['.claude']);
    rmSync(join(project, '.claude'), { recursive: true });
    doInstall();
    write('{}', join(project, '.claude', 'tollgate.json'));
    doUninstall();
    expect(readdirSync(join(project, '.claude'))).toEqual(['tollgate.json']);
  });

  test.each(ORIGINALS)('a file with %s comes back byte for byte', (_, original) => {
    write(original);
    const before = readFileSync(settingsPath);
    expect(doInstall().kind).toBe('installed');
    expect(doInstall()).toEqual({ kind: 'unchanged', settingsPath });
    expect(doUninstall()).toEqual({ kind: 'restored', settingsPath, fileRemoved: false });
    expect(readFileSync(settingsPath).equals(before)).toBe(true);
    expect(doUninstall()).toEqual({ kind: 'nothing-to-remove', settingsPath });
  });

  test('whatever the file, its bytes come back', () => {
    const json = fc
      .json()
      .filter((value) => value.trim().startsWith('{') && !/"hooks"/.test(value));
    fc.assert(
      fc.property(
        json,
        fc.constantFrom('', '\n', '\r\n', ' // end\n', '\t'),
        fc.boolean(),
        (value, end, moved) => {
          write(value + end);
          expect(doInstall().kind).toBe('installed');
          if (moved) expect(doInstall('/other/node').kind).toBe('installed');
          expect(doUninstall().kind).toBe('restored');
          expect(text()).toBe(value + end);
        },
      ),
      { numRuns: runs(25) },
    );
  });

  posixTest('the backup is the original, for its owner only', () => {
    write('{ "secret": "x" }');
    const outcome = doInstall();
    if (outcome.kind !== 'installed' || outcome.backupFile === null) throw new Error(outcome.kind);
    expect(readFileSync(outcome.backupFile, 'utf8')).toBe('{ "secret": "x" }');
    expect(statSync(outcome.backupFile).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(outcome.backupFile)).mode & 0o777).toBe(0o700);
  });

  test('an update keeps the first original', () => {
    write('{ "a": 1 }');
    doInstall();
    expect(doInstall('/new/node').kind).toBe('installed');
    expect(text()).not.toContain('/usr/bin/node');
    expect(doUninstall().kind).toBe('restored');
    expect(text()).toBe('{ "a": 1 }');
  });

  test('a change since then stays: only our entries go, and the backup is named', () => {
    write('{\n  "a": 1\n}\n');
    doInstall();
    writeFileSync(settingsPath, text().replace('"a": 1', '"a": 2'));
    const outcome = doUninstall();
    expect(outcome).toMatchObject({ kind: 'entries-removed', backupFile: expect.any(String) });
    expect(text()).toBe('{\n  "a": 2\n}\n');
  });

  test('a change since then, then an update: still only our entries go', () => {
    write('{\n  "a": 1\n}\n');
    doInstall();
    writeFileSync(settingsPath, text().replace('"a": 1', '"a": 2'));
    doInstall('/new/node');
    expect(doUninstall().kind).toBe('entries-removed');
    expect(text()).toBe('{\n  "a": 2\n}\n');
  });

  test('taken out by hand and put in again: the newer original comes back', () => {
    write('{ "a": 1 }');
    doInstall();
    write('{ "a": 2 }');
    doInstall();
    expect(doUninstall().kind).toBe('restored');
    expect(text()).toBe('{ "a": 2 }');
  });

  test('without a state folder, as in a fresh clone, our entries can be taken out', () => {
    doInstall();
    rmSync(stateHome, { recursive: true });
    expect(doInstall().kind).toBe('unchanged');
    expect(doUninstall()).toEqual({ kind: 'entries-removed', settingsPath, backupFile: null });
    expect(JSON.parse(text())).toEqual({});
  });

  test('a copy that is not what its note says is not given back', () => {
    write('{ "a": 1 }');
    const outcome = doInstall();
    if (outcome.kind !== 'installed' || outcome.backupFile === null) throw new Error(outcome.kind);
    writeFileSync(outcome.backupFile, '{ "evil": true }');
    expect(doUninstall().kind).toBe('entries-removed');
    expect(JSON.parse(text())).toEqual({ a: 1 });
  });

  test('a preview writes nothing', () => {
    write('{ "a": 1 }');
    const outcome = previewInstall({ settingsPath, stateHome, hookEntries: entries() });
    expect(outcome).toMatchObject({ kind: 'installed', before: '{ "a": 1 }', backupFile: null });
    expect(text()).toBe('{ "a": 1 }');
    expect(existsSync(stateHome)).toBe(false);
    doInstall();
    expect(outcome.kind === 'installed' && outcome.after).toBe(text());
    expect(previewInstall({ settingsPath, stateHome, hookEntries: entries() }).kind).toBe(
      'unchanged',
    );
  });
});

describe('files', () => {
  posixTest('a link stays a link; what it leads to is edited', () => {
    const dotfiles = join(home, 'dotfiles', 'claude.json');
    write('{ "a": 1 }', dotfiles);
    mkdirSync(dirname(settingsPath), { recursive: true });
    symlinkSync('../../dotfiles/claude.json', settingsPath);
    doInstall();
    expect(readlinkSync(settingsPath)).toBe('../../dotfiles/claude.json');
    expect(readFileSync(dotfiles, 'utf8')).toContain('"hooks"');
    doUninstall();
    expect(lstatSync(settingsPath).isSymbolicLink()).toBe(true);
    expect(readFileSync(dotfiles, 'utf8')).toBe('{ "a": 1 }');
  });

  posixTest('a link to a file that is not there yet', () => {
    mkdirSync(dirname(settingsPath), { recursive: true });
    symlinkSync(join(home, 'later.json'), settingsPath);
    expect(doInstall().kind).toBe('installed');
    expect(existsSync(join(home, 'later.json'))).toBe(true);
    expect(doUninstall()).toMatchObject({ kind: 'restored', fileRemoved: true });
    expect(lstatSync(settingsPath).isSymbolicLink()).toBe(true);
  });

  posixTest('links in a circle are told', () => {
    mkdirSync(dirname(settingsPath), { recursive: true });
    symlinkSync(settingsPath, settingsPath);
    expect(doInstall()).toMatchObject({ kind: 'failed', problem: { path: settingsPath } });
  });

  posixTest('the mode of the file stays', () => {
    write('{}');
    chmodSync(settingsPath, 0o640);
    doInstall();
    expect(statSync(settingsPath).mode & 0o777).toBe(0o640);
    doUninstall();
    expect(statSync(settingsPath).mode & 0o777).toBe(0o640);
  });

  test('a read-only file is left alone', () => {
    write('{}');
    chmodSync(settingsPath, 0o444);
    const outcome = doInstall();
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: { code: 'READ_ONLY', path: settingsPath },
    });
    expect(outcome.kind === 'failed' && outcome.problem.hint).toContain('--scope');
    expect(text()).toBe('{}');
  });

  test.each([
    ['INVALID_JSON', '{ "a": 1'],
    ['NOT_AN_OBJECT', '[]'],
    ['HOOKS_OF_WRONG_TYPE', '{ "hooks": "x" }'],
    ['NOT_UTF8', Buffer.from([0x7b, 0xff, 0x7d])],
  ] as const)('%s: told with path and hint, nothing written', (code, content) => {
    write(content);
    const before = readFileSync(settingsPath);
    for (const outcome of [doInstall(), doUninstall()]) {
      expect(outcome).toMatchObject({ kind: 'failed', problem: { code, path: settingsPath } });
      if (outcome.kind === 'failed') expect(outcome.problem.hint).not.toBe('');
    }
    expect(readFileSync(settingsPath).equals(before)).toBe(true);
    expect(existsSync(join(stateHome, 'backups'))).toBe(false);
  });

  test('a folder in the place of the file, or of its folder a file, is told', () => {
    mkdirSync(settingsPath, { recursive: true });
    expect(doInstall()).toMatchObject({ kind: 'failed', problem: { path: settingsPath } });
    rmSync(dirname(settingsPath), { recursive: true });
    writeFileSync(join(project, '.claude'), 'a file');
    expect(doInstall()).toMatchObject({ kind: 'failed', problem: { path: settingsPath } });
    expect(readFileSync(join(project, '.claude'), 'utf8')).toBe('a file');
  });

  posixTest('the settings file of each scope', () => {
    expect(settingsPathOf('local', '/p')).toBe('/p/.claude/settings.local.json');
    expect(settingsPathOf('user', '/p', { HOME: '/h' })).toBe('/h/.claude/settings.json');
    expect(settingsPathOf('user', '/p', { HOME: '/h', CLAUDE_CONFIG_DIR: '/c' })).toBe(
      '/c/settings.json',
    );
  });
});

describe('many at once', () => {
  /** `install` as a program of its own. */
  async function program(): Promise<string> {
    const outfile = join(home, 'install.mjs');
    await build({
      stdin: {
        contents: `import { install } from './src/agents/claude-code/install/install.ts';
          const [settingsPath, stateHome, hookEntries] = JSON.parse(process.argv[2]);
          console.log(install({ settingsPath, stateHome, hookEntries }).kind);`,
        resolveDir: process.cwd(),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      mainFields: ['module', 'main'],
    });
    return outfile;
  }
  const run = (file: string, nodePath: string) =>
    new Promise<string>((resolve, reject) => {
      const request = JSON.stringify([settingsPath, stateHome, entries(nodePath)]);
      const child = spawn(process.execPath, [file, request], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.on('error', reject);
      child.on('close', () => resolve(out.trim()));
    });

  test('eight installs are one install', async () => {
    write('{\n  "a": 1\n}\n');
    const file = await program();
    const kinds = await Promise.all(Array.from({ length: 8 }, () => run(file, '/usr/bin/node')));
    expect(kinds.sort()).toEqual(['installed', ...Array(7).fill('unchanged')]);
    expect(doUninstall().kind).toBe('restored');
    expect(text()).toBe('{\n  "a": 1\n}\n');
  }, 60_000);

  test('eight different installs leave one of them, and the original behind it', async () => {
    write('{\n  "a": 1\n}\n');
    const file = await program();
    const nodes = Array.from({ length: 8 }, (_, index) => `/node/${index}`);
    expect(await Promise.all(nodes.map((node) => run(file, node)))).toEqual(
      Array(8).fill('installed'),
    );
    expect(nodes.filter((node) => text().includes(`"${node}"`)).length).toBe(1);
    expect(readdirSync(dirname(settingsPath))).toEqual(['settings.json']);
    expect(doUninstall().kind).toBe('restored');
    expect(text()).toBe('{\n  "a": 1\n}\n');
  }, 60_000);

  test('the lock of a process that died, or of long ago, is no lock', () => {
    doInstall();
    doUninstall();
    const [name] = lockNames();
    expect(name).toBeUndefined();
    const held = lockHeldWhile();
    const died = ['999999999 x', Date.now()] as const;
    const longAgo = [`${process.pid} x`, 0] as const;
    for (const [token, since] of [died, longAgo]) {
      writeFileSync(held, token);
      utimesSync(held, new Date(since), new Date(since));
      expect(doInstall().kind).toBe('installed');
      expect(doUninstall().kind).toBe('restored');
    }
  });

  const lockNames = () => readdirSync(join(stateHome, 'locks'));
  /** The name of the lock file, found by looking while a run waits for nothing. */
  function lockHeldWhile(): string {
    doInstall();
    const [note = ''] = readdirSync(join(stateHome, 'backups')).filter((name) =>
      name.endsWith('.json'),
    );
    doUninstall();
    return join(stateHome, 'locks', note.replace('.json', '.lock'));
  }
});

describe('the client', () => {
  function client(script: string): string {
    const file = join(home, 'claude');
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  }

  posixTest('tells its version', () => {
    const file = client('echo "2.1.330 (Claude Code)"');
    expect(readHostVersion(file)).toEqual([2, 1, 330]);
    expect(readHostVersion(undefined, { TOLLGATE_CLAUDE: file })).toEqual([2, 1, 330]);
    expect(readHostVersion(undefined, { PATH: home })).toEqual([2, 1, 330]);
  });

  test.each(['exit 1', 'echo hello', 'echo "2.1"'])(
    'that answers with `%s` is of no known version',
    (script) => {
      expect(readHostVersion(client(script))).toBeNull();
    },
  );

  test('that is not there is of no known version', () => {
    expect(readHostVersion(undefined, { PATH: join(home, 'nowhere') })).toBeNull();
  });

  test('versions compare as numbers', () => {
    expect(parseHostVersion('v10.20.30-beta')).toEqual([10, 20, 30]);
    expect(isAtLeast([2, 1, 295], [2, 1, 295])).toBe(true);
    expect(isAtLeast([2, 2, 0], [2, 1, 295])).toBe(true);
    expect(isAtLeast([2, 1, 99], [2, 1, 295])).toBe(false);
    expect(isAtLeast([1, 9, 999], [2, 1, 295])).toBe(false);
    expect(isAtLeast(null, [0, 0, 0])).toBe(false);
  });
});

describe('settings.example.json', () => {
  const example = readFileSync(
    join(import.meta.dirname, '../../../../../settings.example.json'),
    'utf8',
  );

  test('is what install writes into a project', () => {
    install({ settingsPath, stateHome, hookEntries: projectHookEntries([2, 1, 330]) });
    expect(JSON.parse(text())).toEqual(JSON.parse(example));
  });

  test('used as it is, it is ours: install renews it, uninstall takes it out', () => {
    write(example);
    expect(doInstall().kind).toBe('installed');
    expect(text()).not.toContain('tollgate-hook.cjs');
    expect(doUninstall().kind).toBe('entries-removed');
    expect(JSON.parse(text())).toEqual({});
  });
});

test('the entries of a project in the shell form are ours, too', () => {
  const shell = projectHookEntries([2, 1, 100]);
  expect(shell[0]?.group.hooks[0].command).toBe(
    `node "\${CLAUDE_PROJECT_DIR}/.claude/tollgate-hook.cjs" session-start --tollgate`,
  );
  install({ settingsPath, stateHome, hookEntries: shell });
  write(`${text()} `);
  expect(doUninstall().kind).toBe('entries-removed');
  expect(existsSync(settingsPath)).toBe(false);
});

test('the entries for this machine name this node', () => {
  const [first] = hookEntriesHere(hookFilesIn('/x/dist/hooks'), null, {});
  expect(first?.group.hooks[0].command).toBe(process.execPath);
});
