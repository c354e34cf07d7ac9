import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectSettings } from '../../../../../src/agents/claude-code/install/inspect-settings.ts';
import { personEnv, posixTest } from '../../../../support/systems.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-inspect-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const FILES = {
  user: 'home/.claude/settings.json',
  project: 'repo/.claude/settings.json',
  local: 'repo/.claude/settings.local.json',
  managed: 'managed.json',
};

function inspect(texts: Readonly<Record<string, string | object>>) {
  for (const [scope, text] of Object.entries(texts)) {
    const file = join(root, FILES[scope as keyof typeof FILES]);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text));
  }
  const env = personEnv(join(root, 'home'));
  return inspectSettings(join(root, 'repo'), env, join(root, FILES.managed));
}

const inForce = (texts: Readonly<Record<string, string | object>>) =>
  inspect(texts).hooksInForce.map(({ scope, event }) => `${scope} ${event}`);

const withHook = (hook: object) => ({ hooks: { Stop: [{ hooks: [hook] }] } });
const OURS = withHook({
  type: 'command',
  command: 'node',
  args: [`\${CLAUDE_PROJECT_DIR}/.claude/tollgate-hook.cjs`, 'stop', '--tollgate'],
});
const OTHERS = withHook({ type: 'command', command: 'echo done' });
const OFF = { disableAllHooks: true };

test.each([
  [{}, []],
  [{ project: OTHERS }, []],
  [{ project: OURS }, ['project Stop']],
  [{ project: OURS, user: OURS }, ['project Stop', 'user Stop']],
  [{ project: OURS, local: OFF }, []],
  [{ project: OURS, user: OFF }, []],
  [{ project: `${JSON.stringify(OURS)} // why`, user: OURS }, ['user Stop']],
  [{ managed: OURS, local: OFF }, ['managed Stop']],
  [{ managed: { ...OURS, ...OFF } }, []],
  [{ managed: { ...OURS, allowManagedHooksOnly: true }, user: OURS }, ['managed Stop']],
  [{ managed: { allowManagedHooksOnly: true }, user: OURS }, []],
])('%j: in force %j', (texts, expected) => {
  expect(inForce(texts)).toEqual(expected);
});

test('what of a scope was found', () => {
  const { scopes } = inspect({
    user: { enabledPlugins: { 'tollgate@acme': true, 'tollgate@old': false, 'lint@acme': true } },
    project: '{ // skipped\n}',
  });
  expect(scopes.map(({ scope, state, plugins }) => [scope, state, plugins])).toEqual([
    ['managed', 'absent', []],
    ['local', 'absent', []],
    ['project', 'skipped', []],
    ['user', 'read', ['tollgate@acme']],
  ]);
});

posixTest('files that a hook names and that are not there, in both forms', () => {
  const launcher = join(root, 'repo/.claude/tollgate-hook.cjs');
  const gone = "/gone/dist's/tollgate/dist/hooks/stop.cjs";
  const shell = `/usr/bin/env '${gone.replaceAll("'", "'\\''")}' --tollgate`;
  const files = (texts: Readonly<Record<string, object>>) =>
    inspect(texts).hooksInForce.flatMap(({ missingFiles }) => missingFiles);
  expect(files({ project: OURS })).toEqual([launcher]);
  writeFileSync(launcher, '');
  expect(files({ project: OURS, user: withHook({ type: 'command', command: shell }) })).toEqual([
    gone,
  ]);
});

test.each([
  [{ user: { enabledPlugins: { 'tollgate@acme': true } } }, ['plugin Stop']],
  [
    { user: { enabledPlugins: { 'tollgate@acme': true } }, project: OURS },
    ['project Stop', 'plugin Stop'],
  ],
  [
    {
      user: { enabledPlugins: { 'tollgate@acme': true } },
      local: { enabledPlugins: { 'tollgate@acme': false } },
    },
    [],
  ],
  [{ user: { enabledPlugins: { 'tollgate@acme': true } }, local: OFF }, []],
  [{ user: '{"enabledPlugins":{"tollgate@acme":true}} // skipped' }, []],
  [{ user: { enabledPlugins: { 'tollgate@other': true } } }, []],
])('%j: with an installed plugin in force %j', (texts, expected) => {
  const plugin = join(root, 'plugin');
  const notes = join(root, 'home/.claude/plugins');
  const installed = { plugins: { 'tollgate@acme': [{ installPath: plugin }] } };
  const args = [`\${CLAUDE_PLUGIN_ROOT}/dist/hooks/stop.cjs`, '--tollgate'];
  for (const folder of [notes, join(plugin, 'hooks')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(notes, 'installed_plugins.json'), JSON.stringify(installed));
  writeFileSync(
    join(plugin, 'hooks', 'hooks.json'),
    JSON.stringify(withHook({ type: 'command', command: 'node', args })),
  );
  expect(inForce(texts)).toEqual(expected);
  const missing = inspect(texts).hooksInForce.filter(({ scope }) => scope === 'plugin');
  for (const { missingFiles } of missing) {
    expect(missingFiles.map((file) => normalize(file))).toEqual([
      join(plugin, 'dist/hooks/stop.cjs'),
    ]);
  }
});
