// Scenarios of a team by their seeds: `node scripts/run-ts.mjs test/bench/team-simulation.ts [how many] [first seed]`. Prints one line, or what did not hold.
import { simulate } from '../support/team-simulation/simulate.ts';

const [count = 10_000, first = 1] = process.argv.slice(2).map(Number);
const { failures, seconds, questionCount } = await simulate(first, count);
for (const line of failures) console.error(line);
console.log(
  `${count} scenarios from seed ${first}, ${questionCount} questions to the server, ${failures.length} failed, ${seconds.toFixed(1)} s`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
