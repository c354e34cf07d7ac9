import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  hookEntries,
  hookFilesIn,
} from '../../../../../src/agents/claude-code/install/hook-entries.ts';
import {
  readInstallation,
  recordPlace,
  recordRemoval,
} from '../../../../../src/agents/claude-code/install/installation-record.ts';
import {
  judgeInstallation,
  readVariables,
} from '../../../../../src/agents/claude-code/install/judge-installation.ts';
import { repairSettings } from '../../../../../src/agents/claude-code/install/repair-installation.ts';
import { withGateMode } from '../../../../../src/agents/claude-code/install/resident-entries.ts';
import { personEnv, posixTest } from '../../../../support/systems.ts';

const ENTRIES = hookEntries({
  hookFiles: hookFilesIn('/opt/tollgate/dist/hooks'),
  nodePath: '/usr/bin/node',
  nodeVersion: '24.0.0',
  hostVersion: [2, 1, 330],
  envPath: null,
  extraCaCerts: false,
});
const settingsWith = (entries: typeof ENTRIES | ReturnType<typeof withGateMode>, more = {}) =>
  `${JSON.stringify({ ...more, hooks: Object.fromEntries(entries.map(({ event, group }) => [event, [group]])) }, null, 2)}\n`;

let folder: string;
let home: string;
let repo: string;
let state: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-judge-'));
  [home, repo, state] = [join(folder, 'home'), join(folder, 'repo'), join(folder, 'state')];
  for (const each of [home, repo]) mkdirSync(join(each, '.claude'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (scope: 'user' | 'project' | 'local') =>
  scope === 'user'
    ? join(home, '.claude', 'settings.json')
    : join(repo, '.claude', scope === 'project' ? 'settings.json' : 'settings.local.json');
const session = (environment: NodeJS.ProcessEnv = {}) => ({
  projectRoot: repo,
  environment: { ...personEnv(home), ...environment },
  plugin: null,
  managedFile: join(folder, 'managed-settings.json'),
});
const codes = (environment?: NodeJS.ProcessEnv) =>
  judgeInstallation(session(environment), readInstallation(state)).map(({ code }) => code);

function installed(scope: 'user' | 'project' | 'local', text = settingsWith(ENTRIES)): string {
  const settingsPath = fileOf(scope);
  writeFileSync(settingsPath, text);
  const projectRoot = scope === 'user' ? null : repo;
  recordPlace(state, { settingsPath, projectRoot, variables: readVariables(session()) }, 1);
  return settingsPath;
}

describe('what is wrong with an installation', () => {
  test('nothing, as installed and with foreign settings beside', () => {
    installed('local');
    writeFileSync(fileOf('project'), '{ "model": "x", "env": { "FOO": "1" } }');
    expect(codes()).toEqual([]);
    writeFileSync(fileOf('local'), settingsWith(ENTRIES, { model: 'y' }));
    expect(codes()).toEqual([]);
  });

  test('the hooks are gone', () => {
    const file = installed('local');
    writeFileSync(file, '{}');
    expect(codes()).toEqual(['HOOKS_GONE']);
    rmSync(file);
    expect(codes()).toEqual(['HOOKS_GONE']);
    writeFileSync(file, settingsWith(ENTRIES.filter(({ event }) => event !== 'PreToolUse')));
    expect(codes()).toEqual(['HOOKS_GONE']);
  });

  posixTest('another program, node, time limit or matcher', () => {
    const file = installed('user');
    for (const [from, to] of [
      ['/opt/tollgate', '/tmp/tollgate'],
      ['/usr/bin/node', '/bin/true'],
      ['"timeout": 10', '"timeout": 1'],
      ['"matcher": "*"', '"matcher": "Nothing"'],
      ['"onFailure": "block"', '"onFailure": "continue"'],
    ] as const) {
      writeFileSync(file, settingsWith(ENTRIES).replaceAll(from, to));
      expect(codes(), to).toEqual(['HOOKS_CHANGED']);
    }
  });

  test.each([
    ['{', 'cut short'],
    ['// a remark\n{}', 'comments'],
    [settingsWith(ENTRIES).replace('"timeout": 10', '"timeout": "10"'), 'a time limit as text'],
    [settingsWith(ENTRIES).replace('"block"', '"bogus"'), 'an unknown word'],
    [settingsWith(ENTRIES, { permissions: [] }), 'a list for an object'],
  ])('a file the client skips: %#', (text) => {
    writeFileSync(installed('project'), text);
    expect(codes()).toEqual(['SETTINGS_SKIPPED']);
  });

  test('hooks switched off in any file', () => {
    installed('project');
    for (const scope of ['user', 'local'] as const) {
      writeFileSync(fileOf(scope), '{ "disableAllHooks": true }');
      expect(codes()).toEqual(['HOOKS_DISABLED']);
      rmSync(fileOf(scope));
    }
    writeFileSync(join(folder, 'managed-settings.json'), '{ "allowManagedHooksOnly": true }');
    expect(codes()).toEqual(['MANAGED_HOOKS_ONLY']);
  });

  test('hooks of the administrator survive all of it', () => {
    rmSync(installed('local'));
    writeFileSync(join(folder, 'managed-settings.json'), settingsWith(ENTRIES));
    writeFileSync(fileOf('user'), '{ "disableAllHooks": true }');
    expect(codes()).toEqual([]);
  });

  test('a variable that decides over the hooks gets another value', () => {
    installed('local', settingsWith(ENTRIES, { env: { TOLLGATE_HOME: state } }));
    const own = {
      CLAUDE_PID: String(process.pid),
      TOLLGATE_HOME: state,
      HOME: process.env.HOME,
      USERPROFILE: process.env.USERPROFILE,
    };
    const found = (env: NodeJS.ProcessEnv) =>
      judgeInstallation(
        { ...session(), environment: { CLAUDE_CONFIG_DIR: join(home, '.claude'), ...env } },
        readInstallation(state),
      ).map(({ code, file }) => [code, file]);
    // The folder of settings is itself one that this process was not started with.
    const only = found(own).filter(([, file]) => file !== fileOf('user'));
    expect(only).toEqual([]);
    for (const name of ['TOLLGATE_HOME', 'PATH', 'NODE_OPTIONS', 'LD_PRELOAD']) {
      writeFileSync(fileOf('project'), JSON.stringify({ env: { [name]: '/elsewhere' } }));
      writeFileSync(fileOf('local'), settingsWith(ENTRIES));
      expect(found(own), name).toContainEqual(['ENVIRONMENT_REDIRECTED', fileOf('project')]);
    }
  });

  test('the plugin is switched off', () => {
    writeFileSync(fileOf('user'), '{ "enabledPlugins": { "tollgate@acme": true } }');
    const judged = () =>
      judgeInstallation({ ...session(), plugin: '/plugin' }, readInstallation(state)).map(
        ({ code }) => code,
      );
    expect(judged()).toEqual([]);
    writeFileSync(fileOf('local'), '{ "enabledPlugins": { "tollgate@acme": false } }');
    expect(judged()).toEqual(['PLUGIN_DISABLED']);
  });

  test('a resident gate and its command hooks are the same installation', () => {
    const file = installed('user', settingsWith(withGateMode(ENTRIES, '--resident')));
    writeFileSync(file, settingsWith(withGateMode(ENTRIES, '--stand-in')));
    expect(codes()).toEqual([]);
  });

  test('what a person has taken out is not missed', () => {
    const file = installed('local');
    recordRemoval(state, file, 2);
    rmSync(file);
    expect(
      codes({
        CLAUDE_PID: String(process.pid),
        ...process.env,
        HOME: process.env.HOME,
        USERPROFILE: process.env.USERPROFILE,
      }).filter((code) => code.startsWith('HOOKS')),
    ).toEqual([]);
  });

  posixTest('hooks that nobody noted are missed in a session that had them', () => {
    const environment = { CLAUDE_PID: String(process.pid) };
    writeFileSync(fileOf('local'), settingsWith(ENTRIES));
    expect(codes(environment)).not.toContain('HOOKS_GONE');
    rmSync(fileOf('local'));
    expect(codes(environment)).toContain('HOOKS_GONE');
  });
});

describe('the repair', () => {
  const repair = (file: string) => repairSettings(file, state, readInstallation(state), 5);

  test('a file that is gone comes back byte for byte, also one that is damaged', () => {
    const text = settingsWith(ENTRIES, { model: 'x' });
    const file = installed('local', text);
    rmSync(join(repo, '.claude'), { recursive: true });
    expect(repair(file)).toMatchObject({ how: 'written', keptIn: null });
    expect(readFileSync(file, 'utf8')).toBe(text);
    writeFileSync(file, '{ "hooks"');
    const done = repair(file);
    expect(done).toMatchObject({ how: 'written' });
    expect('keptIn' in done && readFileSync(done.keptIn ?? '', 'utf8')).toBe('{ "hooks"');
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(codes()).toEqual([]);
  });

  test('of a file that can be understood only what stands in the way changes', () => {
    const file = installed('user');
    writeFileSync(
      file,
      '{\n  "model": "mine",\n  "disableAllHooks": true,\n  "env": { "TOLLGATE_HOME": "/elsewhere", "FOO": "1" }\n}\n',
    );
    expect(repair(file)).toMatchObject({ how: 'mended' });
    const now = JSON.parse(readFileSync(file, 'utf8'));
    expect(now).toMatchObject({ model: 'mine', env: { FOO: '1' } });
    expect(now.disableAllHooks).toBeUndefined();
    expect(now.env.TOLLGATE_HOME).toBeUndefined();
    expect(codes()).toEqual([]);
  });

  test('a switch in a file without hooks of ours', () => {
    installed('local');
    writeFileSync(fileOf('user'), '{ "model": "x", "disableAllHooks": true }\n');
    repair(fileOf('user'));
    expect(JSON.parse(readFileSync(fileOf('user'), 'utf8'))).toEqual({ model: 'x' });
  });
});
