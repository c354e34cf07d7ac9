// Scenarios of a team by their seeds: `npm run simulate -- [how many] [first seed]`. Prints one line, or what did not hold. A process for each of two
// processors, with a server of its own.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { simulate } from '../support/team-simulation/simulate.ts';

type Simulated = Awaited<ReturnType<typeof simulate>>;

const [count = 10_000, first = 1] = process.argv.slice(2).map(Number);
if (process.send !== undefined) {
  process.send(await simulate(first, count));
  process.disconnect();
} else {
  const startAt = performance.now();
  const half = Math.ceil(count / 2);
  const parts = await Promise.all([inChild(half, first), inChild(count - half, first + half)]);
  const failures = parts.flatMap((part) => part.failures);
  const questionCount = parts.reduce((sum, part) => sum + part.questionCount, 0);
  for (const line of failures) console.error(line);
  const seconds = ((performance.now() - startAt) / 1_000).toFixed(1);
  console.log(
    `${count} scenarios from seed ${first}, ${questionCount} questions to the server, ${failures.length} failed, ${seconds} s`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
}

/** Some of the scenarios in a process of their own. */
function inChild(some: number, from: number): Promise<Simulated> {
  const child = fork(fileURLToPath(import.meta.url), [String(some), String(from)]);
  return new Promise((resolve, reject) => {
    child.once('message', (simulated) => resolve(simulated as Simulated));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`a part of the simulation ended with ${code}`));
    });
  });
}
