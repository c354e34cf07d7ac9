// No file of src imports itself through others, type imports included.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
/** Groups of files that import each other today. This list may only shrink. */
const CYCLES: readonly string[] = [
  'src/agents/claude-code/install/hook-entries.ts <-> src/agents/claude-code/install/resident-entries.ts',
  'src/cli/commands/reconcile.ts <-> src/cli/reconciled-text.ts',
  'src/gate/apply-decision.ts <-> src/gate/estimate-next-request.ts <-> src/gate/gate.ts <-> src/gate/lease.ts <-> src/gate/record-activity.ts <-> src/gate/subagent-spawn.ts <-> src/gate/unknown-model.ts',
  'src/gate/on-event.ts <-> src/gate/session-lifecycle.ts',
  'src/ingest/ingest-session.ts <-> src/ingest/record-fact.ts',
  'src/pricing/charges.ts <-> src/pricing/price.ts <-> src/pricing/resolve.ts',
  'src/stores/fast-path-store.ts <-> src/stores/recording.ts <-> src/stores/store.ts',
];

const graph = new Map<string, string[]>(
  readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [`src/${name}`, importedBy(`src/${name}`)]),
);

function importedBy(file: string): string[] {
  return ts
    .preProcessFile(readFileSync(join(ROOT, file), 'utf8'))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(file), name)));
}

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
    cyclic.filter((other) => reachable.get(file)?.has(other) && reachable.get(other)?.has(file)),
  );
  const known = CYCLES.map((group) => group.split(' <-> '));
  const unknown = groups.filter(
    (group) => !known.some((files) => group.every((file) => files.includes(file))),
  );
  expect(
    [...new Set(unknown.map((group) => group.join(' <-> ')))],
    'move what the files share into one that imports neither',
  ).toEqual([]);
});
