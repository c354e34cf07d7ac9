// Holds the house in order: who may import whom, which package lives where, and how files begin.
// Each failure says the remedy, so that nobody has to look the rule up.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const PURE = ['domain', 'periods', 'pricing'];
const EDGES = ['agents', 'stores', 'alerts', 'reports', 'attribution', 'config'];
/** The one place each package may be used in. */
const HOMES: Readonly<Record<string, RegExp>> = {
  'better-sqlite3': /^src\/stores\/sqlite\//,
  'simple-git': /^src\/attribution\/git\.ts$/,
  pino: /^src\/runtime\/log\.ts$/,
  zod: /^src\/(config\/(schema|json-schema)|agents\/claude-code\/[\w/-]+|periods\/[\w-]+|reconcile\/[\w-]+)\.ts$/,
  unbash: /^src\/protection\/shell-commands\.ts$/,
  commander: /^src\/cli\//,
  '@clack/prompts': /^src\/cli\//,
  'jsonc-parser': /^src\/(config\/|agents\/claude-code\/|cli\/)/,
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const files = ['src', 'hooks'].flatMap((folder) => filesBelow(folder));
const imports = files.flatMap(importsOf);

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts'));
}

function importsOf(from: string): Import[] {
  const text = readFileSync(join(ROOT, from), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm),
    ...text.matchAll(/(?:import|require)\((type )?'([^']+)'\)/g),
  ];
  return found.map((match) => {
    const to = match[2] ?? '';
    const named = /\{([^}]*)\}/.exec(match[0])?.[1]?.split(',') ?? [];
    const allTypes =
      named.length > 0 && named.every((name) => !name.trim() || name.trim().startsWith('type '));
    return {
      from,
      to: to.startsWith('.') ? normalize(join(dirname(from), to)) : to,
      isType: Boolean(match[1]) || allTypes,
    };
  });
}

const roomOf = (file: string): string => file.split('/')[1] ?? '';
/** `alerts/channel.ts` is the contract of its room; its plural lists the members. */
const isSingular = (file: string): boolean => {
  const [, room, name] = file.split('/');
  return (
    file.split('/').length === 3 &&
    [
      'agent.ts',
      'store.ts',
      'channel.ts',
      'report.ts',
      'source.ts',
      'config.ts',
      'rate-card.ts',
      'period.ts',
    ].includes(name ?? '') &&
    room !== undefined
  );
};
const isOurs = (to: string): boolean => to.startsWith('src/');
const list = (found: readonly Import[]): string[] =>
  found.map(({ from, to }) => `${from} -> ${to}`);

describe('who may import whom', () => {
  test('pure rooms import pure rooms only', () => {
    const wrong = imports.filter(
      ({ from, to, isType }) =>
        PURE.includes(roomOf(from)) &&
        !(isOurs(to) && PURE.includes(roomOf(to))) &&
        !(isType && isOurs(to) && isSingular(to)) &&
        !(from.startsWith('src/periods/') && to === 'zod'),
    );
    expect(list(wrong), 'hand the value in as an argument instead').toEqual([]);
  });

  test('edges import pure rooms, themselves, and the contracts of other edges', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        EDGES.includes(roomOf(from)) &&
        isOurs(to) &&
        roomOf(from) !== roomOf(to) &&
        ![...PURE, 'runtime', 'errors.ts'].includes(roomOf(to)) &&
        !isSingular(to),
    );
    expect(list(wrong), 'depend on the contract, and let wire.ts hand in the member').toEqual([]);
  });

  test('the gate imports pure rooms and contracts', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        roomOf(from) === 'gate' &&
        isOurs(to) &&
        ![...PURE, 'gate', 'ingest', 'protection', 'runtime', 'errors.ts'].includes(roomOf(to)) &&
        !isSingular(to),
    );
    expect(list(wrong), 'take it as a dependency (GateDeps) that wire.ts fills').toEqual([]);
  });

  test('nothing but doors imports a door', () => {
    const doors = ['hooks', 'cli', 'resident'];
    const wrong = imports.filter(
      ({ from, to }) =>
        isOurs(to) &&
        doors.includes(roomOf(to)) &&
        !doors.includes(roomOf(from)) &&
        !from.startsWith('hooks/'),
    );
    expect(list(wrong), 'what a door and a room share belongs into the room').toEqual([]);
  });
});

describe('packages', () => {
  test.each(Object.entries(HOMES))('%s has one home', (name, home) => {
    const wrong = imports.filter(
      ({ from, to, isType }) => to === name && !isType && !home.test(from),
    );
    expect(list(wrong), `use ${name} through the room that owns it`).toEqual([]);
  });

  test('every package that is used is declared, and only what is not bundled is installed', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    ) as { dependencies: object; devDependencies: object };
    const declared = Object.keys({ ...dependencies, ...devDependencies });
    const used = new Set(
      imports.map(({ to }) => to).filter((to) => !to.startsWith('node:') && !isOurs(to)),
    );
    expect([...used].filter((name) => !declared.includes(name))).toEqual([]);
    expect(Object.keys(dependencies), 'the build bundles it: make it a devDependency').toEqual([
      'better-sqlite3',
    ]);
  });
});

describe('files', () => {
  const texts = files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);

  test('open with a comment that says what lives there', () => {
    const wrong = texts.filter(([, text]) => !/^(#!.*\n)?\/\/ \S/.test(text)).map(([file]) => file);
    expect(wrong, 'say in one to four lines what lives here and what rule it keeps').toEqual([]);
  });

  test('are rooms, not halls', () => {
    const wrong = texts
      .filter(([file, text]) => text.split('\n').length > 330 && !/rows\.ts$/.test(file))
      .map(([file]) => file);
    expect(wrong, 'split the file by what changes together').toEqual([]);
  });

  test('hide nothing in drawers without a name', () => {
    const wrong = files.filter((file) =>
      /\/(utils?|helpers?|common|core|lib|misc|shared|services|managers)\/|\/index\.ts$/.test(file),
    );
    expect(wrong, 'name the folder after what changes together').toEqual([]);
  });

  test('hold no `any`, no mock, no left-over', () => {
    const wrong = texts
      .filter(([, text]) =>
        /\bas any\b|: any\b|@ts-(ignore|expect-error)|\b(FIXME|TODO)\b/.test(text),
      )
      .map(([file]) => file);
    expect(wrong).toEqual([]);
  });
});
