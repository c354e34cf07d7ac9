// What a file exports, another file imports; what only tests use is dead.
import ts from 'typescript';
import { expect, test } from 'vitest';
import { exportsOf, filesBelow, importsOf, stale, treeOf, walk } from './source.ts';

/** Used by tests alone, and why that is right. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  'src/config/json-schema.ts configJsonSchemaText': 'its test writes schema/ with vitest -u',
  'src/domain/token-histogram.ts histogramOf': 'makes histograms for tests of forecasts',
  // Dead but for their tests: install.test.ts should plan as `init` does.
  'src/agents/claude-code/install/install.ts install': 'to be removed',
  'src/agents/claude-code/install/install.ts previewInstall': 'to be removed',
};
/** Exported for nobody today. This list may only shrink. */
const KNOWN: readonly string[] = [];

/** A command's file is loaded by name and gives what `CommandModule` says. */
const isCommand = (file: string, name: string): boolean =>
  /^src\/cli\/commands\/(?!commands\.ts)/.test(file) && ['describe', 'run'].includes(name);

/** `file name` of everything that files below these folders take from another file. */
function takenBy(folders: readonly string[]): Set<string> {
  const taken = new Set<string>();
  for (const { from, to, names } of folders.flatMap(filesBelow).flatMap(importsOf)) {
    // Of a file that is loaded as a whole, what is named anywhere counts as used.
    for (const name of names ?? identifiersIn(from)) taken.add(`${to} ${name}`);
  }
  return taken;
}

function identifiersIn(file: string): string[] {
  const found: string[] = [];
  walk(treeOf(file), (node) => {
    if (ts.isIdentifier(node)) found.push(node.text);
  });
  return found;
}

const usesItself = (file: string, name: string): boolean =>
  identifiersIn(file).filter((each) => each === name).length > 1;

const inProgram = takenBy(['src', 'hooks', 'scripts']);
const inTests = takenBy(['test']);
const unused = filesBelow('src')
  .flatMap((file) => exportsOf(file).map((each) => ({ file, ...each })))
  .filter(({ file, name }) => !inProgram.has(`${file} ${name}`) && !isCommand(file, name))
  .map((each) => ({
    ...each,
    id: `${each.file} ${each.name}`,
    isUsedHere: usesItself(each.file, each.name),
  }));

test('nothing is there for tests alone', () => {
  const dead = unused.filter(({ isUsedHere }) => !isUsedHere).map(({ id }) => id);
  expect(
    dead.filter((id) => !(id in FOR_TESTS)),
    'remove it, and test what the program uses instead',
  ).toEqual([]);
  expect(stale(Object.keys(FOR_TESTS), dead), 'used or gone: take it off the list').toEqual([]);
});

test('values are exported for somebody', () => {
  const needless = unused
    .filter(({ id, isType, isUsedHere }) => isUsedHere && !isType && !inTests.has(id))
    .map(({ id }) => id);
  expect(
    needless.filter((id) => !KNOWN.includes(id)),
    'drop `export`',
  ).toEqual([]);
  expect(stale(KNOWN, needless), 'used or gone: take it off the list').toEqual([]);
});
