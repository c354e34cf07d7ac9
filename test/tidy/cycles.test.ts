// No file of src imports itself through others, type imports included.
import { expect, test } from 'vitest';
import { filesBelow, importsOf } from './source.ts';

const graph = new Map(
  filesBelow('src').map((file) => [file, importsOf(file).map(({ to }) => to)] as const),
);

/** Every file that can be reached from `file` by at least one import. */
function reachableFrom(file: string): Set<string> {
  const reached = new Set<string>();
  const open = [...(graph.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(graph.get(next) ?? []));
  }
  return reached;
}

test('no import cycles', () => {
  const reachable = new Map([...graph.keys()].map((file) => [file, reachableFrom(file)]));
  const cyclic = [...graph.keys()].filter((file) => reachable.get(file)?.has(file));
  const groups = cyclic.map((file) =>
    cyclic
      .filter((other) => reachable.get(file)?.has(other) && reachable.get(other)?.has(file))
      .join(' <-> '),
  );
  const found = [...new Set(groups)];
  expect(found, 'move what the files share into one that imports neither').toEqual([]);
});
