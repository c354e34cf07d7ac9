// `npm run fuzz`: a hundred thousand damaged inputs, a quarter of each kind. `npm run fuzz -- 4000 7`: so many, by this seed.
import { fuzz, KINDS } from './fuzz.ts';

const [count = 100_000, seed = 1] = process.argv.slice(2).map(Number);
let failed = 0;
for (const kind of KINDS) {
  const { slowestMs, failures } = fuzz(kind, Math.ceil(count / KINDS.length), seed);
  console.log(
    `${kind.padEnd(16)}${failures.length} without a valid answer, slowest ${slowestMs.toFixed(1)} ms`,
  );
  for (const failure of failures) console.log(`  ${failure}`);
  failed += failures.length;
}
process.exit(failed > 0 ? 1 : 0);
