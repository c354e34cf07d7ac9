// docs/architecture.md and CONTRIBUTING.md name files and functions that exist.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportsOf, filesBelow, folderOf, functionsOf, ROOT } from './source.ts';

const PAGES = ['docs/architecture.md', 'CONTRIBUTING.md'];
const text = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** Rows whose last two cells are a file and a function. */
function stepsOf(page: string): { file: string; name: string }[] {
  const rows = text(page).matchAll(/\| `((?:src|hooks)\/[\w./-]+\.ts)`\s*\| `(\w+)`\s*\|$/gm);
  return [...rows].map(([, file = '', name = '']) => ({ file, name }));
}

function names(file: string): string[] {
  if (!existsSync(join(ROOT, file))) return [];
  return [...exportsOf(file).map(({ name }) => name), ...functionsOf(file).map(({ name }) => name)];
}

test.each(PAGES)('every step of %s is a function of its file', (page) => {
  const steps = stepsOf(page);
  expect(steps.length).toBeGreaterThanOrEqual(6);
  const wrong = steps.filter(({ file, name }) => !names(file).includes(name));
  expect(wrong, `the code has moved: mend the walk in ${page}`).toEqual([]);
});

test.each(PAGES)('every path that %s names exists', (page) => {
  const paths = [...text(page).matchAll(/`((?:src|hooks|test|docs|examples|scripts)\/[\w./-]*)`/g)];
  const wrong = paths.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)));
  expect(wrong, `mend the path in ${page}`).toEqual([]);
});

test('every folder of src has its row in docs/architecture.md', () => {
  const page = text('docs/architecture.md');
  const folders = new Set(filesBelow('src').map(folderOf));
  const missing = [...folders].filter(
    (folder) => !folder.endsWith('.ts') && !page.includes(`| \`src/${folder}/\` `),
  );
  expect(missing, 'say what the folder is responsible for').toEqual([]);
});
