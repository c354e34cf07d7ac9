// `npm run faults`: lets file operations of hooks and of the watchdog fail in every way, and prints what came of it. `npm run faults --
// migration` runs the scenarios whose name begins so.
import { makeWatchdogWorlds } from './watchdog.ts';
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
const isWanted = (id: string) => wanted.length === 0 || wanted.some((each) => id.startsWith(each));
const worlds = await makeFaultWorlds();
const sums = { runs: 0, openings: 0, corrupt: 0, wrong: 0, crashed: 0 };
try {
  for (const scenario of SCENARIOS) if (isWanted(scenario.id)) await runAll(scenario);
  if (isWanted('watchdog')) await runWatchdogs();
} finally {
  await worlds.remove();
}
console.log(
  `${sums.runs} runs: ${sums.openings} silent openings, ${sums.corrupt} corrupt or torn, ${sums.wrong} wrong totals; ${sums.crashed} ended with a code that onFailure has to turn into a refusal`,
);
process.exit(sums.openings + sums.corrupt + sums.wrong > 0 ? 1 : 0);

async function runAll(scenario: Scenario): Promise<void> {
  const points = await worlds.readPoints(scenario);
  const endings: Record<string, number> = {};
  await atEach(points, 2, async (point, fault) => {
    const done = await worlds.run(scenario, point, fault);
    count(done, endings, `${scenario.id}, operation ${point}, ${fault}`);
  });
  for (const stdio of BROKEN_STDIO) {
    count(await worlds.runBroken(scenario, stdio), endings, `${scenario.id}, stdio: ${stdio}`);
  }
  print(scenario.id, points, endings);
}

/** The watchdog's: it waits most of the time. */
async function runWatchdogs(): Promise<void> {
  const watchdogs = await makeWatchdogWorlds();
  const endings: Record<string, number> = {};
  try {
    const points = await watchdogs.readPoints();
    await atEach(points, 4, async (point, fault) => {
      const done = await watchdogs.run(point, fault);
      const isOpening = done.note !== '' && !done.isCorrupt && !done.isWrong;
      count({ ...done, isOpening }, endings, `watchdog, operation ${point}, ${fault}`);
    });
    print('watchdog', points, endings);
  } finally {
    await watchdogs.remove();
  }
}

/** Every fault at every point, some at once. */
async function atEach(
  points: readonly number[],
  atOnce: number,
  run: (point: number, fault: Fault) => Promise<void>,
): Promise<void> {
  const queue = points.flatMap((point) => FAULTS.map((fault) => ({ point, fault })));
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      await run(next.point, next.fault);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function print(
  id: string,
  points: readonly number[],
  endings: Readonly<Record<string, number>>,
): void {
  const told = Object.entries(endings)
    .map(([name, count]) => `${count} ${name}`)
    .sort();
  console.log(`${id.padEnd(18)} ${points.length} operations: ${told.join(', ')}`);
}

function count(
  {
    ending,
    isOpening,
    isCorrupt,
    isWrong,
    note,
  }: Omit<FaultRun, 'ending'> & { readonly ending: string },
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
