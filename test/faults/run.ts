// `npm run faults`: lets file operations of hooks fail in every way, and prints what came of it. `npm run faults -- migration` runs the
// scenarios whose name begins so.
import {
  BROKEN_STDIO,
  FAULTS,
  type Fault,
  type FaultRun,
  makeFaultWorlds,
  SCENARIOS,
  type Scenario,
  whyNoFaults,
} from './world.ts';

const why = whyNoFaults();
if (why !== null) {
  console.error(why);
  process.exit(1);
}
const wanted = process.argv.slice(2);
const worlds = await makeFaultWorlds();
const sums = { runs: 0, openings: 0, corrupt: 0, wrong: 0, crashed: 0 };
try {
  for (const scenario of SCENARIOS) {
    if (wanted.length === 0 || wanted.some((each) => scenario.id.startsWith(each)))
      await runAll(scenario);
  }
} finally {
  await worlds.remove();
}
console.log(
  `${sums.runs} runs: ${sums.openings} silent openings, ${sums.corrupt} corrupt or torn, ${sums.wrong} wrong totals; ${sums.crashed} ended with a code that onFailure has to turn into a refusal`,
);
process.exit(sums.openings + sums.corrupt + sums.wrong > 0 ? 1 : 0);

async function runAll(scenario: Scenario): Promise<void> {
  const points = await worlds.readPoints(scenario);
  const queue: { readonly point: number; readonly fault: Fault }[] = [];
  for (const point of points) {
    for (const fault of FAULTS) queue.push({ point, fault });
  }
  const endings: Record<string, number> = {};
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const done = await worlds.run(scenario, next.point, next.fault);
      count(done, endings, `${scenario.id}, operation ${next.point}, ${next.fault}`);
    }
  };
  await Promise.all([work(), work()]);
  for (const stdio of BROKEN_STDIO) {
    count(await worlds.runBroken(scenario, stdio), endings, `${scenario.id}, stdio: ${stdio}`);
  }
  const told = Object.entries(endings)
    .map(([name, count]) => `${count} ${name}`)
    .sort();
  console.log(`${scenario.id.padEnd(18)} ${points.length} operations: ${told.join(', ')}`);
}

function count(
  { ending, isOpening, isCorrupt, isWrong, note }: FaultRun,
  endings: Record<string, number>,
  what: string,
): void {
  endings[ending] = (endings[ending] ?? 0) + 1;
  sums.runs += 1;
  sums.openings += Number(isOpening);
  sums.corrupt += Number(isCorrupt);
  sums.wrong += Number(isWrong);
  sums.crashed += Number(ending === 'crashed');
  if (note !== '') console.log(`  ${what}: ${note}`);
}
