// `npm run tamper`: plays the tamper cases and prints how they ended, class by class. `npm run tamper -- git disguise` plays classes,
// `-- T229` single cases with all that happened.
import { availableParallelism } from 'node:os';
import { type Outcome, readCases, type TamperCase } from './case.ts';
import type { ClientReport } from './client.ts';
import { makeWorlds, whyNoWorlds } from './world.ts';

const OUTCOMES: readonly Outcome[] = ['denied', 'held', 'told', 'OPEN', 'broken'];

const why = whyNoWorlds();
if (why !== null) {
  console.error(why);
  process.exit(1);
}
const wanted = process.argv.slice(2);
const cases = readCases().filter(
  ({ id, cat }) => wanted.length === 0 || wanted.includes(id) || wanted.includes(cat),
);
const worlds = await makeWorlds();
const done: { given: TamperCase; report: ClientReport }[] = [];
const queue = [...cases];
const startedAt = Date.now();
try {
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
} finally {
  worlds.remove();
}
printTable();

async function work(): Promise<void> {
  for (let given = queue.shift(); given !== undefined; given = queue.shift()) {
    const report = await worlds.play(given);
    done.push({ given, report });
    const isNoted = report.outcome === 'OPEN' || report.outcome === 'broken';
    if (isNoted || wanted.includes(given.id)) {
      console.log(
        `${report.outcome}  ${given.id} ${given.cat}: ${given.note} ($${report.spentUsd})`,
      );
    }
    if (wanted.includes(given.id) || report.outcome === 'broken')
      console.log(report.log.join('\n'));
  }
}

function printTable(): void {
  const classes = [...new Set(cases.map(({ cat }) => cat))];
  console.log(
    `\n${'class'.padEnd(12)}${OUTCOMES.map((each) => each.padStart(8)).join('')}${'all'.padStart(8)}`,
  );
  for (const cat of [...classes, 'all']) {
    const mine = done.filter(({ given }) => cat === 'all' || given.cat === cat);
    const counts = OUTCOMES.map(
      (each) => mine.filter(({ report }) => report.outcome === each).length,
    );
    console.log(
      cat.padEnd(12) + [...counts, mine.length].map((each) => String(each).padStart(8)).join(''),
    );
  }
  const open = done.filter(({ report }) => report.outcome === 'OPEN').length;
  const share = ((100 * open) / Math.max(1, done.length)).toFixed(1);
  console.log(
    `\nunnoticed: ${open} of ${done.length} (${share} %), ${Math.round((Date.now() - startedAt) / 1_000)} s`,
  );
}
