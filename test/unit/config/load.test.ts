import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import {
  configSources,
  findProjectRoot,
  HOST_MANAGED_FILE,
  stateHome,
  userConfigFile,
} from '../../../src/config/paths.ts';
import { personEnv, posixTest } from '../../support/systems.ts';

let home: string;
let project: string;
let managed: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tollgate-load-'));
  project = join(home, 'work', 'shop');
  managed = join(home, 'etc', 'config.json');
  mkdirSync(join(project, '.git'), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
const sources = (client?: string) => configSources(project, personEnv(home), managed, client);
/** As on a machine whose client nobody manages, whatever this one is. */
const load = () => loadConfig(sources(join(home, 'etc', 'client.json')), { timeZone: 'UTC' });
const userFile = () => join(home, '.config', 'tollgate', 'config.json');
const projectFile = () => join(project, '.claude', 'tollgate.json');

describe('places', () => {
  test('the four files, the one that binds most first, and the client’s own', () => {
    expect(sources()).toEqual([
      { kind: 'managed', file: managed },
      { kind: 'user', file: userFile() },
      { kind: 'project', file: projectFile() },
      { kind: 'local', file: join(project, '.claude', 'tollgate.local.json') },
      { kind: 'client', file: HOST_MANAGED_FILE },
    ]);
  });

  posixTest('the environment moves them; what is no absolute path does not', () => {
    expect(userConfigFile({ HOME: home, XDG_CONFIG_HOME: '/x' })).toBe('/x/tollgate/config.json');
    expect(userConfigFile({ HOME: home, XDG_CONFIG_HOME: 'x' })).toBe(userFile());
    expect(stateHome({ HOME: home })).toBe(join(home, '.local', 'state', 'tollgate'));
    expect(stateHome({ HOME: home, XDG_STATE_HOME: '/s' })).toBe('/s/tollgate');
    expect(stateHome({ HOME: home, XDG_STATE_HOME: '/s', TOLLGATE_HOME: '/t' })).toBe('/t');
  });

  test('the project is the top of the repository', () => {
    const deep = join(project, 'packages', 'a');
    mkdirSync(deep, { recursive: true });
    expect(findProjectRoot(deep)).toBe(project);
    write(join(deep, '.claude', 'tollgate.json'), '{}');
    expect(findProjectRoot(deep)).toBe(deep);
    // A folder further in does not take the place of the repository's own file.
    write(projectFile(), '{}');
    expect(findProjectRoot(deep)).toBe(project);
  });

  test('outside of a repository it is the nearest folder with a file, or the folder itself', () => {
    const loose = join(home, 'loose', 'a', 'b');
    mkdirSync(loose, { recursive: true });
    expect(findProjectRoot(loose)).toBe(loose);
    write(join(home, 'loose', '.claude', 'tollgate.local.json'), '{}');
    expect(findProjectRoot(loose)).toBe(join(home, 'loose'));
  });
});

test('a repository made further in leaves no ceiling behind', () => {
  write(projectFile(), '{"budgets":[{"id":"s","hard":"5"}]}');
  const inner = join(project, 'inner');
  mkdirSync(join(inner, '.git'), { recursive: true });
  write(join(inner, '.claude', 'tollgate.json'), '{"budgets":[{"id":"s","hard":"50"}]}');
  expect(findProjectRoot(inner)).toBe(inner);
  const { config, problems } = loadConfig(configSources(inner, personEnv(home), managed));
  expect(config.budgets[0]?.hardNanoUsd).toBe(5e9);
  expect(problems).toMatchObject([{ kind: 'refused', path: 'budgets[0].hard' }]);
});

describe('loading', () => {
  test('no files, no problems', () => {
    const { config, problems, files } = load();
    expect(config.budgets).toEqual([]);
    expect(problems).toEqual([]);
    expect(files.map(({ present }) => present)).toEqual([false, false, false, false, false]);
  });

  test('comments, trailing commas, a byte order mark and CRLF are fine', () => {
    write(
      userFile(),
      '\uFEFF{\r\n  // mine\r\n  "budgets": [{"id":"s","hard":"5.00",},], /* end */\r\n}\r\n',
    );
    const { config, problems, files } = load();
    expect(problems).toEqual([]);
    expect(config.budgets).toMatchObject([{ id: 's', hardNanoUsd: 5e9 }]);
    expect(files[1]).toEqual({ kind: 'user', file: userFile(), present: true });
  });

  test('all four files meet, and every value knows where it came from', () => {
    write(managed, '{"budgets":[{"id":"s","hard":"9"}],"onFailure":"halt"}');
    write(userFile(), '{"budgets":[{"id":"s","hard":"7"}],"labels":{"team":"web"}}');
    write(projectFile(), '{"budgets":[{"id":"s","hard":"5"}],"safety":"strict"}');
    write(join(project, '.claude', 'tollgate.local.json'), '{"budgets":[{"id":"s","hard":"6"}]}');
    const { config, problems } = load();
    expect(config.budgets[0]?.hardNanoUsd).toBe(5e9);
    expect(config.origins).toEqual({
      onFailure: managed,
      'labels.team': userFile(),
      safety: projectFile(),
      'budgets.s.hard': projectFile(),
    });
    expect(problems).toMatchObject([{ kind: 'refused', path: 'budgets[0].hard' }]);
  });

  test('a mistake has file, path, line, message and hint', () => {
    write(userFile(), '{\n  "budgets": [\n    { "id": "s",\n      "hard": 5 }\n  ]\n}');
    expect(load().problems).toEqual([
      {
        kind: 'mistake',
        file: userFile(),
        path: 'budgets[0].hard',
        at: { line: 4, column: 15 },
        message: '5 is a JSON number; dollars are written as text.',
        hint: 'Put it in quotes: "5".',
      },
    ]);
  });

  test.each([
    ['a comma missing', '{"safety":"strict"\n"waitMs":1}', { line: 2, column: 1 }],
    ['a text cut off', '{"budgets":[{"id":"s","hard":"5.00"', { line: 1, column: 36 }],
    ['nothing', ' \n', null],
    ['a value twice', '{} {}', { line: 1, column: 4 }],
    ['brackets without end', '['.repeat(200_000), null],
    ['a megabyte', `{"labels":{"a":"${'x'.repeat(1_000_000)}"}}`, null],
  ])('%s is one problem of the file, and never a throw', (_, text, at) => {
    write(userFile(), text);
    const { config, problems } = load();
    expect(config.budgets).toEqual([]);
    expect(problems.length).toBe(1);
    expect(problems[0]).toMatchObject({ kind: 'mistake', file: userFile(), path: '' });
    if (at) expect(problems[0]?.at).toEqual(at);
    expect(problems[0]?.hint).not.toBe('');
  });

  test('a key written twice, and a key that would change every object, are mistakes', () => {
    write(userFile(), '{"safety":"strict","safety":"none","__proto__":{"waitMs":1}}');
    const { config, problems } = load();
    expect(problems.map(({ path }) => path)).toEqual(['__proto__', 'safety']);
    expect(config.safety).toBe('cautious');
    expect(config.waitMs).toBe(300);
  });

  test('a folder in the place of a file is told', () => {
    mkdirSync(userFile(), { recursive: true });
    expect(load().problems).toMatchObject([
      { kind: 'mistake', message: expect.stringContaining('EISDIR') },
    ]);
  });

  test.skipIf((process.getuid?.() ?? 0) === 0)('a file that may not be read is told', () => {
    chmodSync(write(userFile(), '{}'), 0);
    expect(load().problems).toMatchObject([{ message: expect.stringContaining('EACCES') }]);
  });

  test('a file with mistakes in it still holds its ceilings', () => {
    write(userFile(), '{"budgets":[{"id":"s","hard":"5"}],"safety":"none","planet":1}');
    const { config, problems } = load();
    expect(config.budgets[0]?.hardNanoUsd).toBe(5e9);
    expect(config.safety).toBe('cautious');
    expect(problems.map(({ path }) => path)).toEqual(['planet']);
  });
});

test.each([
  ['{}', { session: 5_000_000_000 }],
  ['{"budgets":[{"id":"day","period":"day","hard":"20"}]}', { day: 20_000_000_000 }],
  ['{"budgets":[{"id":"session","soft":"9"}]}', { session: null }],
  // What this file meant is not known: halting is the matter of whoever reads the problems.
  ['{"budgets":', {}],
])('the budgets of the plugin hold only where nobody else has one: %s', (text, ceilings) => {
  const plugin = join(home, 'plugin');
  write(
    join(plugin, 'default-config.json'),
    readFileSync(join(import.meta.dirname, '../../../plugin/default-config.json'), 'utf8'),
  );
  write(userFile(), text);
  const found = configSources(project, personEnv(home), managed, join(home, 'none.json'), plugin);
  const { budgets } = loadConfig(found, { timeZone: 'UTC' }).config;
  expect(Object.fromEntries(budgets.map(({ id, hardNanoUsd }) => [id, hardNanoUsd]))).toEqual(
    ceilings,
  );
});
