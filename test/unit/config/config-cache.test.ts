import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCachedConfig } from '../../../src/config/config-cache.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { configSources } from '../../../src/config/paths.ts';
import { personEnv, posixTest } from '../../support/systems.ts';

let home: string;
let loads: number;
let programVersion: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tollgate-cached-'));
  loads = 0;
  programVersion = '1';
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const userFile = () => join(home, '.config', 'tollgate', 'config.json');
const cacheFolder = () => join(home, 'state', 'config-cache');
function write(text: string) {
  mkdirSync(dirname(userFile()), { recursive: true });
  writeFileSync(userFile(), text);
}
function read() {
  return readCachedConfig(configSources(join(home, 'p'), personEnv(home), join(home, 'managed')), {
    stateHome: join(home, 'state'),
    programVersion,
    at: 0,
    loadFully: (sources, options) => {
      loads += 1;
      return loadConfig(sources, options);
    },
  });
}
const hard = (amount: string) => `{"budgets":[{"id":"s","hard":"${amount}"}]}`;

test('files are parsed once, until one of them changes, appears or goes', () => {
  expect(read()).toMatchObject({ basis: 'files', fromCache: false, problems: [] });
  expect(read().fromCache).toBe(true);
  write(hard('5'));
  expect(read()).toMatchObject({ fromCache: false, config: { budgets: [{ hardNanoUsd: 5e9 }] } });
  expect(read()).toMatchObject({ fromCache: true, config: { budgets: [{ hardNanoUsd: 5e9 }] } });
  // Same length, and most likely the same second: the text decides, not the time.
  write(hard('6'));
  expect(read().config.budgets[0]?.hardNanoUsd).toBe(6e9);
  rmSync(userFile());
  expect(read().config.budgets).toEqual([]);
  expect(loads).toBe(4);
});

test('what is cached is what is loaded', () => {
  write(`{"safety":"strict","pricing":{"multiplier":"0.85"},"fanOut":"1",${hard('5').slice(1)}`);
  const fresh = read();
  expect(read()).toEqual({ ...fresh, fromCache: true });
});

test('a mistake leaves the last good configuration in force, and is told every time', () => {
  write(hard('5'));
  read();
  write('{"budgets":[{"id":"s","hard":"50"}],"planet":1}');
  for (const fromCache of [false, true]) {
    const { config, problems, ...rest } = read();
    expect(rest).toMatchObject({ basis: 'last-good', fromCache });
    expect(config.budgets[0]?.hardNanoUsd).toBe(5e9);
    expect(problems).toMatchObject([{ kind: 'mistake', path: 'planet' }]);
  }
  write('{"budg');
  expect(read()).toMatchObject({ basis: 'last-good', config: { budgets: [{ hardNanoUsd: 5e9 }] } });
  write(hard('7'));
  expect(read()).toMatchObject({
    basis: 'files',
    problems: [],
    config: { budgets: [{ hardNanoUsd: 7e9 }] },
  });
});

test('with no good configuration before, the strictest reading of what is valid holds', () => {
  write('{"budgets":[{"id":"s","hard":"5"},{"id":"t","hard":6}],"safety":"none"}');
  for (let round = 0; round < 2; round += 1) {
    const { config, problems, basis } = read();
    expect(basis).toBe('partial');
    expect(config.budgets.map(({ id }) => id)).toEqual(['s']);
    expect(config.safety).toBe('cautious');
    expect(problems.length).toBe(1);
  }
  // A partial reading is never taken for a good one later.
  write('{"budg');
  expect(read()).toMatchObject({ basis: 'partial', config: { budgets: [] } });
});

test('a refused value is no mistake: the files as they are hold', () => {
  write(hard('5'));
  mkdirSync(join(home, 'p', '.claude'), { recursive: true });
  writeFileSync(join(home, 'p', '.claude', 'tollgate.json'), hard('9'));
  expect(read()).toMatchObject({ basis: 'files', problems: [{ kind: 'refused' }] });
});

test('another edition reads the files anew', () => {
  write(hard('5'));
  read();
  programVersion = '2';
  expect(read().fromCache).toBe(false);
  expect(read().fromCache).toBe(true);
});

test.each(['', '{', 'null', '[]', '{"version":1}', '{"version":1,"texts":[],"config":{}}'])(
  'a cache that says %j is as good as none',
  (text) => {
    write(hard('5'));
    read();
    const [name = ''] = readdirSync(cacheFolder());
    writeFileSync(join(cacheFolder(), name), text);
    expect(read()).toMatchObject({ fromCache: false, config: { budgets: [{ hardNanoUsd: 5e9 }] } });
  },
);

posixTest('the cache is for its owner only, and leaves nothing beside it', () => {
  read();
  const [name = '', ...others] = readdirSync(cacheFolder());
  expect(others).toEqual([]);
  expect(statSync(join(cacheFolder(), name)).mode & 0o777).toBe(0o600);
  expect(statSync(cacheFolder()).mode & 0o777).toBe(0o700);
});

posixTest('a state folder that cannot be written costs time, nothing else', () => {
  writeFileSync(join(home, 'state'), 'a file where a folder should be');
  write(hard('5'));
  expect(read().config.budgets[0]?.hardNanoUsd).toBe(5e9);
  expect(read().fromCache).toBe(false);
  expect(readFileSync(join(home, 'state'), 'utf8')).toContain('a file');
});

test('the hot path loads neither zod nor jsonc-parser', async () => {
  const { metafile } = await build({
    entryPoints: ['src/config/config-cache.ts', 'src/config/paths.ts'],
    bundle: true,
    platform: 'node',
    outdir: join(home, 'out'),
    metafile: true,
    logLevel: 'silent',
  });
  const foreign = Object.keys(metafile.inputs).filter((file) => file.includes('node_modules'));
  expect(foreign).toEqual([]);
});
