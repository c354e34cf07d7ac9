// `npm run bench -- [topic …] [--short]`: the topics named, or all but ccusage, which needs TOLLGATE_CCUSAGE, and dashboard-hours, which takes
// TOLLGATE_BENCH_MINUTES. Prints every figure and writes it into RESULTS.md; `--short` takes a minute and writes nothing.
import { join } from 'node:path';
import { createSandbox } from '../support/sandbox.ts';
import { type Section, writeSection } from './results-page.ts';
import { TOPICS } from './topics.ts';

const root = process.env.TOLLGATE_CHECKOUT ?? process.cwd();
const folder = join(root, 'test', 'bench');
const words = process.argv.slice(2);
const isShort = words.includes('--short');
const named = words.filter((word) => word !== '--short');
const unknown = named.filter((word) => !(word in TOPICS));
if (unknown.length > 0) {
  console.error(`bench: no topic ${unknown.join(', ')}; topics: ${Object.keys(TOPICS).join(', ')}`);
  process.exit(2);
}
/** By what they need. */
const OPTIONAL: Readonly<Record<string, string>> = {
  ccusage: 'TOLLGATE_CCUSAGE',
  'dashboard-hours': 'TOLLGATE_BENCH_MINUTES',
};
const isAskedFor = (name: string): boolean => {
  const need = OPTIONAL[name];
  return need === undefined || Boolean(process.env[need]);
};
const asked = Object.keys(TOPICS).filter((name) =>
  named.length > 0 ? named.includes(name) : isAskedFor(name),
);

const sandbox = await createSandbox();
try {
  for (const name of asked) {
    const built = { hooks: join(root, 'dist', 'hooks'), cli: join(root, 'dist', 'cli', 'main.js') };
    const section = await TOPICS[name]?.({ sandbox, built, isShort, folder });
    if (!section) continue;
    print(section);
    if (!isShort) writeSection(join(folder, 'RESULTS.md'), section, new Date());
  }
} finally {
  await sandbox.cleanup();
}

function print({ title, rows }: Section): void {
  console.log(title);
  for (const { what, asked: limit, reached, isMet } of rows) {
    const word = limit === null ? '    ' : isMet ? 'ok  ' : 'MISS';
    console.log(`${word} ${what}: ${reached}${limit === null ? '' : ` (asked ${limit})`}`);
  }
}
