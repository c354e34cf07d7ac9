// What may happen in a scenario, and how often.
import type { NanoUsd } from '../../../src/domain/money.ts';
import type { TollgateError } from '../../../src/errors.ts';
import type { TeamStore } from '../../../src/stores/team-store.ts';
import { correction, recordEach } from '../ledger-entries.ts';
import { DEVELOPERS } from './lane.ts';
import {
  beginTurn,
  clockOf,
  closeMachine,
  copyMachine,
  endTurn,
  type Machine,
  mayRest,
  newMachine,
  untold,
  work,
} from './machine.ts';
import { LONGEST_WAY_MS } from './network.ts';
import { add, readLeft } from './truth.ts';
import { between, chance, note, pick, type World } from './world.ts';

const DOLLAR = 1_000_000_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Step {
  readonly name: string;
  readonly odds: number;
  readonly take: (machine: Machine, world: World) => void | Promise<void>;
}

const manages =
  (what: (manager: TeamStore, machine: Machine, world: World) => Promise<unknown>) =>
  async (machine: Machine, world: World): Promise<void> => {
    await world.lane.setClock(world.now);
    world.isTouched = true;
    await what(world.lane.team.manager, machine, world);
  };

export const STEPS: readonly Step[] = [
  {
    name: 'a session goes on for a while',
    odds: 26,
    take: async (machine, world) => {
      for (let left = between(world, 1, 3); left > 0; left -= 1) {
        beginTurn(machine, world, between(world, DOLLAR / 20, DOLLAR / 2));
        await work(machine, world);
        beginTurn(machine, world, between(world, DOLLAR / 20, DOLLAR / 2));
        if (chance(world, 0.7)) endTurn(machine, world);
      }
    },
  },
  {
    name: 'a turn begins',
    odds: 8,
    take: (machine, world) => {
      beginTurn(machine, world, between(world, DOLLAR / 20, DOLLAR));
    },
  },
  { name: 'a turn ends', odds: 12, take: endTurn },
  { name: 'the worker works', odds: 14, take: (machine, world) => work(machine, world) },
  {
    name: 'the worker comes to its end',
    odds: 4,
    take: async (machine, world) => {
      for (let rests = 0; rests < 3; rests += 1) {
        await work(machine, world);
        if (machine.workers.length === 0) break;
        world.now += 25_000;
      }
    },
  },
  { name: 'another worker starts', odds: 2, take: (machine, world) => work(machine, world, true) },
  { name: 'the workers are killed', odds: 3, take: killWorkers },
  {
    name: 'what was late arrives',
    odds: 5,
    take: (_machine, world) => arriveLate(world),
  },
  {
    name: 'it is off the network',
    odds: 3,
    take: (machine, world) => {
      machine.awayUntil = world.now + pick(world, [10_000, 5 * MINUTE_MS, 300 * MINUTE_MS, DAY_MS]);
    },
  },
  {
    name: 'it is on the network again',
    odds: 2,
    take: (machine) => {
      machine.awayUntil = 0;
    },
  },
  {
    name: 'it starts anew',
    odds: 2,
    take: (machine, world) => {
      killWorkers(machine);
      dropLate(machine, world);
      world.hasLeft = true;
      machine.start.boot = world.nextId++;
    },
  },
  { name: 'its clock is turned', odds: 1.5, take: turnClock },
  { name: 'it is copied', odds: 1.2, take: copy },
  { name: 'its ledger is lost', odds: 1.2, take: loseLedger },
  { name: 'it is revoked, and perhaps joins again', odds: 0.4, take: revoke },
  {
    name: 'money that no request shows',
    odds: 2,
    take: (machine, world) => {
      const at = clockOf(machine, world);
      const cost = between(world, 0, DOLLAR / 4);
      const id = `settled:${world.nextId++}`;
      machine.hooks.immediately(() =>
        recordEach(machine.hooks, [
          correction({
            id,
            at,
            cost,
            session: pick(world, machine.sessions),
            labels: { model: 'house-model' },
          }),
        ]),
      );
    },
  },
  { name: 'labels are put right', odds: 2, take: relabel },
  {
    name: 'a manager grants',
    odds: 2,
    take: manages((manager, { seat }, world) =>
      manager.grant({
        ...{ budgetId: pick(world, world.budgets).id, sessionId: 'none', reason: null },
        labels: {
          ...{ developer: DEVELOPERS[seat] ?? '', client: 'acme' },
          repository: 'github.com/acme/shop',
        },
        amountNanoUsd: between(world, DOLLAR / 10, 3 * DOLLAR),
      }),
    ),
  },
  {
    name: 'a manager sets a ceiling',
    odds: 2.5,
    take: manages((manager, _machine, world) => {
      const at = between(world, 0, world.budgets.length - 1);
      const budget = world.budgets[at];
      if (budget === undefined) throw new Error('no budget');
      const hardNanoUsd = between(world, 0, 15 * DOLLAR);
      note(world, `${budget.id} ${hardNanoUsd}`);
      return manager.setBudget({ ...budget, hardNanoUsd });
    }),
  },
  {
    name: 'a manager stops somebody',
    odds: 1.5,
    take: manages((manager, { seat }, world) => {
      const kill = chance(world, 0.5)
        ? ({ kind: 'developer', value: DEVELOPERS[seat] ?? '' } as const)
        : ({ kind: 'all', value: '*' } as const);
      world.kills.push(kill);
      return manager.kill(kill.kind, kill.value, null);
    }),
  },
  {
    name: 'a manager lets all go on',
    odds: 3,
    take: manages(async (manager, _machine, world) => {
      for (const { kind, value } of world.kills.splice(0)) await manager.liftKill(kind, value);
    }),
  },
  { name: 'a manager takes leases back', odds: 2.5, take: manages(reclaim) },
  {
    name: 'a manager says what is done offline',
    odds: 0.5,
    take: manages((manager, _machine, world) =>
      manager.setOffline(pick(world, ['lease', 'lease', 'halt'])),
    ),
  },
];

function killWorkers({ workers }: Machine): void {
  for (const worker of workers.filter(mayRest)) worker.isOver = true;
  workers.splice(0);
}

/** What a machine has spent and not told by then may be counted in another window, and what it may still spend may be counted late. */
function turnClock(machine: Machine, world: World): void {
  excuse(machine, world, null);
  const before = readLeft(machine, world);
  machine.isTurned = true;
  machine.skewMs = chance(world, 0.5) ? 0 : between(world, -DAY_MS, DAY_MS);
  // A lease that was over begins to live again, and may have been taken back.
  for (const [key, amount] of readLeft(machine, world))
    if (!before.has(key)) add(world.truth.excused, key, amount);
  note(world, `${machine.name} is ${machine.skewMs} ms ahead`);
}

/** What a machine has spent and not told, or is about to, is no concern of the rule from here on; at most what there is of a pool. */
function excuse(machine: Machine, world: World, most: ReadonlyMap<string, NanoUsd> | null): void {
  const sums = untold(machine, world);
  for (const { poolKeys, needNanoUsd } of machine.turns)
    for (const key of poolKeys) add(sums, key, needNanoUsd);
  if (machine.isTurned && most !== null)
    for (const [key, amount] of readLeft(machine, world)) add(sums, key, amount);
  for (const [key, amount] of sums)
    add(world.truth.excused, key, Math.min(amount, most === null ? amount : (most.get(key) ?? 0)));
}

function copy(machine: Machine, world: World): void {
  if (world.machines.length >= 6) return;
  world.hasLeft = true;
  world.machines.push(copyMachine(machine, world, `${machine.name}c${world.nextId++}`));
}

function loseLedger(machine: Machine, world: World): void {
  killWorkers(machine);
  dropLate(machine, world);
  world.hasLeft = true;
  const { isCopied, isRevoked, skewMs, awayUntil, member, seat, name, turns } = machine;
  turns.splice(0);
  machine.isTurned = false;
  closeMachine(machine);
  world.gone.push(machine);
  const anew = newMachine(world, seat, `${name}'`);
  Object.assign(anew, { isCopied, isRevoked, skewMs, awayUntil, member });
  world.machines.splice(world.machines.indexOf(machine), 1, anew);
}

/** As `tollgate team join` does on a machine that was a member before. */
async function revoke(machine: Machine, world: World): Promise<void> {
  if (machine.isRevoked) return;
  const { seat, member, hooks, sessions } = machine;
  for (const each of world.machines) each.isRevoked ||= each.member === member;
  world.hasLeft = true;
  await world.lane.revoke(seat);
  const anew = world.lane.seats[seat];
  if (anew === undefined || chance(world, 0.3)) return;
  world.roles.add(anew.role);
  killWorkers(machine);
  machine.turns.splice(0);
  world.gone.push({ ...machine, covered: new Map(machine.covered), isTurned: false });
  machine.covered.clear();
  const state = await anew.store.pullState();
  hooks.immediately(() => {
    hooks.enterTeam();
    hooks.writeTeamState(state, clockOf(machine, world));
  });
  Object.assign(machine, { member: anew, isRevoked: false, isCopied: false });
  machine.sessions = sessions.map((each) => `${each}'`);
  machine.joinedThrough = hooks.readTeam()?.throughSeq ?? 0;
}

function relabel({ hooks, sessions }: Machine, world: World): void {
  const window = { startAt: 0, endAt: Number.POSITIVE_INFINITY };
  const lines = hooks.readLines({ window, where: [] });
  const own = lines.filter(({ sessionId }) => sessions.includes(sessionId));
  if (own.length === 0) return;
  const line = pick(world, own);
  const attribution = { ...line.attribution, ticket: `T-${world.nextId++}` };
  hooks.immediately(() => hooks.reattribute(line, attribution, line.occurredAt));
}

/** Of a machine that was not heard of. */
export async function takeBack(role: string, world: World): Promise<void> {
  const rows = await world.lane.team.connection.query(
    `SELECT pool_key, outstanding_nano_usd + lost_nano_usd AS held FROM tollgate.lease
     JOIN tollgate.member USING (member_id) WHERE role_name = $1`,
    [role],
  );
  const most = new Map(rows.map((row) => [String(row.pool_key), Number(row.held)]));
  note(world, `back: ${await world.lane.team.manager.reclaim(role)}`);
  for (const each of [...world.machines, ...world.gone])
    if (each.member.role === role) excuse(each, world, most);
}

/** The server says whether leases have ended for long enough. */
async function reclaim(_manager: TeamStore, { member }: Machine, world: World): Promise<void> {
  await takeBack(member.role, world).catch((error: TollgateError) => {
    if (error.code !== 'TEAM_REFUSED') throw error;
  });
}

/** Nothing arrives of a machine that has started anew since. */
export async function arriveLate(world: World): Promise<void> {
  const { late, rng, now } = world;
  const [request] = late.splice(Math.floor(rng.next() * late.length), 1);
  if (request === undefined || now - request.sentAt > LONGEST_WAY_MS) return;
  await request.arrive().catch(() => {});
}

const dropLate = (from: Machine, world: World): void => {
  world.late = world.late.filter((each) => each.from !== from);
};
