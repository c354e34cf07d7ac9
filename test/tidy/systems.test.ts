// What differs between systems is in one place: no other file reads /proc, or names a folder that one system alone has.
import ts from 'typescript';
import { expect, test } from 'vitest';
import { filesBelow, treeOf, walk } from './source.ts';

/** Each kind of text, and the files it belongs to. */
const HOMES: readonly { readonly of: RegExp; readonly home: RegExp }[] = [
  { of: /^\/proc\//, home: /^src\/runtime\/processes\/proc\.ts$/ },
  {
    of: /^\/Library\/|ProgramData|Program Files|Application Support|^\/etc\/(?!ssh|gitconfig)/,
    home: /^src\/runtime\/places\.ts$/,
  },
];

test('what only one system has is in its place', () => {
  const found: string[] = [];
  for (const file of filesBelow('src')) {
    walk(treeOf(file), (node) => {
      if (!ts.isStringLiteralLike(node) && !ts.isTemplateHead(node)) return;
      for (const { of, home } of HOMES) {
        if (of.test(node.text) && !home.test(file)) found.push(`${file} ${node.text}`);
      }
    });
  }
  expect(found, 'ask src/runtime for it').toEqual([]);
});
