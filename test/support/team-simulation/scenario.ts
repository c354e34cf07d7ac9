// One scenario by its seed: machines of a team, a few budgets, and twenty things that happen in an order that nobody would think of.
import type { NanoUsd } from '../../../src/domain/money.ts';
import type { TeamBudget } from '../../../src/stores/team-store.ts';
import { rngOf } from '../../bench/workload.ts';
import { checkEnd, settleAll } from './end.ts';
import { DEVELOPERS, type Lane } from './lane.ts';
import { closeMachine, newMachine } from './machine.ts';
import { STEPS } from './steps.ts';
import { checkStep, newTruth } from './truth.ts';
import { between, chance, note, pick, type World } from './world.ts';

const DOLLAR = 1_000_000_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const STEP_COUNT = 20;
const ZONES = ['UTC', 'UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu'];

const BUDGETS: readonly Pick<TeamBudget, 'id' | 'where' | 'per' | 'period'>[] = [
  { id: 'day', where: {}, per: [], period: 'day' },
  { id: 'week', where: {}, per: ['developer'], period: 'week' },
  { id: 'month', where: {}, per: ['repository'], period: 'month' },
  { id: 'acme', where: { client: 'acme' }, per: [], period: 'day' },
  { id: 'ever', where: {}, per: [], period: 'forever' },
  { id: 'one', where: {}, per: [], period: 'session' },
];

/** Throws what does not hold, with the seed and all that happened. */
export async function runScenario(lane: Lane, seed: number, folder: string): Promise<World> {
  const world = newWorld(lane, seed, folder);
  try {
    await begin(world);
    for (let step = 0; step < STEP_COUNT; step += 1) {
      await takeStep(world);
      const nextAt = world.now + passes(world);
      await checkStep(world, nextAt);
      world.now = nextAt;
    }
    await settleAll(world);
    await checkEnd(world);
    return world;
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${world.log.join('\n')}`, {
      cause: error,
    });
  } finally {
    for (const machine of world.machines) closeMachine(machine);
  }
}

function newWorld(lane: Lane, seed: number, folder: string): World {
  const template = `${folder}/template.db`;
  const rng = rngOf(seed);
  for (let warm = 0; warm < 8; warm += 1) rng.next();
  const midnight = Math.floor((Date.now() / DAY_MS - 12) / 7) * 7 * DAY_MS;
  const isLate = rng.next() < 0.4;
  return {
    ...{
      lane,
      seed,
      rng,
      folder,
      template,
      machines: [],
      gone: [],
      budgets: [],
      kills: [],
      late: [],
    },
    ...{ isTouched: true, hasLeft: false, roles: new Set<string>() },
    now: midnight + Math.round(isLate ? DAY_MS - rng.next() * 10 * MINUTE_MS : rng.next() * DAY_MS),
    trouble: pick({ rng } as World, [0.05, 0.2, 0.4]),
    ...{ truth: newTruth(), log: [], nextId: 0 },
  };
}

async function begin(world: World): Promise<void> {
  const { lane, machines, budgets } = world;
  await lane.setClock(world.now);
  await lane.begin(pick(world, ZONES), pick(world, [MINUTE_MS, 10 * MINUTE_MS, 240 * MINUTE_MS]));
  const count = between(world, 1, 3);
  for (const budget of BUDGETS) {
    if (budgets.length >= count || chance(world, 0.5)) continue;
    budgets.push({
      ...{ ...budget, softNanoUsd: null, mode: 'enforce' },
      hardNanoUsd: between(world, DOLLAR, 12 * DOLLAR),
    });
  }
  if (budgets.length === 0)
    budgets.push({
      ...BUDGETS[0],
      ...{ softNanoUsd: null, mode: 'enforce', hardNanoUsd: 5 * DOLLAR },
    } as TeamBudget);
  for (const budget of budgets) await lane.team.manager.setBudget(budget);
  const machineCount = between(world, 2, DEVELOPERS.length);
  for (let seat = 0; seat < machineCount; seat += 1) {
    const machine = newMachine(world, seat, `m${seat}`);
    if (chance(world, 0.3)) machine.skewMs = between(world, -DAY_MS, DAY_MS);
    machines.push(machine);
  }
}

/** How long it takes until the next step. */
function passes(world: World): number {
  const kind = world.rng.next();
  const [low, high]: readonly [NanoUsd, NanoUsd] =
    kind < 0.6
      ? [50, 3_000]
      : kind < 0.85
        ? [3_000, 90_000]
        : kind < 0.95
          ? [90_000, 30 * MINUTE_MS]
          : [30 * MINUTE_MS, 8 * 60 * MINUTE_MS];
  return between(world, low, high);
}

async function takeStep(world: World): Promise<void> {
  const sum = STEPS.reduce((total, { odds }) => total + odds, 0);
  let drawn = world.rng.next() * sum;
  const step = STEPS.find(({ odds }) => {
    drawn -= odds;
    return drawn < 0;
  });
  const machine = pick(world, world.machines);
  if (step === undefined) return;
  note(world, `– ${step.name} (${machine.name})`);
  await step.take(machine, world);
}
