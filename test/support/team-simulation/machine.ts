// A machine of a scenario: its ledger as hooks and as the worker open it, its clock, its worker, and requests of an agent under way. Everything it does with
// its ledger is the program's own; what is told here instead of by the system is its clock and which start of it this is.
import { copyFileSync, existsSync, unlinkSync } from 'node:fs';
import { NO_ATTRIBUTION } from '../../../src/domain/attribution.ts';
import { sessionId, turnId } from '../../../src/domain/ids.ts';
import type { NanoUsd } from '../../../src/domain/money.ts';
import { headroomOf } from '../../../src/domain/spend.ts';
import { isHeld } from '../../../src/domain/team-share.ts';
import { TollgateError } from '../../../src/errors.ts';
import { askForShares, readTeamStatuses } from '../../../src/gate/team-share.ts';
import type { BudgetContext } from '../../../src/gate/types.ts';
import { newSession } from '../../../src/ingest/record-fact.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';
import { runTeamWorker } from '../../../src/team/worker.ts';
import { recordEach, request } from '../ledger-entries.ts';
import type { TestMachine } from '../team-database.ts';
import { linkOf } from './network.ts';
import { add } from './truth.ts';
import { between, chance, note, pick, type World } from './world.ts';

const DAY_MS = 86_400_000;

/** A request of the agent that is under way. */
interface Turn {
  readonly session: string;
  readonly at: BudgetContext;
  readonly needNanoUsd: NanoUsd;
  /** Pools whose leases carry it. */
  readonly poolKeys: readonly string[];
}

export interface Worker {
  /** Goes on after a rest; `null`: at work, or over. */
  goOn: (() => void) | null;
  restsUntil: number;
  /** Tells that it rests, or is over. */
  rests: () => void;
  isOver: boolean;
}

export interface Machine {
  readonly name: string;
  readonly seat: number;
  /** Its credentials. */
  member: TestMachine;
  readonly path: string;
  /** As hooks open it. */
  readonly hooks: Store;
  /** As the worker opens it. */
  readonly store: Store;
  /** How far its clock is ahead of the server's. */
  skewMs: number;
  /** Not on the network before. */
  awayUntil: number;
  readonly workers: Worker[];
  readonly turns: Turn[];
  sessions: readonly string[];
  /** Copies, and what was copied: one of them may be told that another holds the lease. */
  isCopied: boolean;
  isRevoked: boolean;
  /** Whether its clock was turned while it ran. */
  isTurned: boolean;
  /** Entries up to here were there when it joined, and are no business of this membership. */
  joinedThrough: number;
  /** Which start of the machine this is. */
  readonly start: { boot: number };
  /** What was spent under leases, by entry. */
  readonly covered: Map<string, { readonly poolKeys: readonly string[]; readonly cost: NanoUsd }>;
}

const ledgerPath = (world: World): string => `${world.folder}/${world.seed}-${world.nextId++}.db`;

/** A ledger that is new, of a member of the team. */
export function newMachine(world: World, seat: number, name: string): Machine {
  const path = ledgerPath(world);
  copyFileSync(world.template, path);
  return openMachine(world, seat, path, name);
}

function openMachine(world: World, seat: number, path: string, name: string): Machine {
  const member = world.lane.seats[seat];
  if (member === undefined) throw new Error(`no seat ${seat}`);
  world.roles.add(member.role);
  const start = { boot: world.nextId++ };
  const open = (): Store => {
    const store = openSqliteStore(path);
    const readHolder = () => store.readHolder().replace(/^[^:]*/, `boot ${start.boot}`);
    return { ...store, readHolder };
  };
  const hooks = open();
  return {
    ...{ name, seat, member, path, hooks, store: open(), start, skewMs: 0, awayUntil: 0 },
    ...{
      workers: [],
      turns: [],
      isCopied: false,
      isRevoked: false,
      isTurned: false,
      joinedThrough: 0,
    },
    covered: new Map(),
    sessions: [0, 1].map((number) => `${world.seed} ${name} ${number}`),
  };
}

/** Another machine with all that this one has on its disk. */
export function copyMachine(of: Machine, world: World, name: string): Machine {
  const path = ledgerPath(world);
  for (const end of ['', '-wal'])
    if (existsSync(of.path + end)) copyFileSync(of.path + end, path + end);
  of.isCopied = true;
  const copy = openMachine(world, of.seat, path, name);
  if (chance(world, 0.5)) copy.start.boot = of.start.boot;
  const { member, skewMs, isRevoked, joinedThrough } = of;
  const covered = new Map(of.covered);
  return Object.assign(copy, { isCopied: true, member, skewMs, isRevoked, joinedThrough, covered });
}

export function closeMachine({ hooks, store, path }: Machine): void {
  hooks.close();
  store.close();
  unlinkSync(path);
}

export const clockOf = (machine: Machine, world: World): number => world.now + machine.skewMs;

export const mayRest = (worker: Worker): boolean => worker.goOn !== null && !worker.isOver;

/** Rests until somebody lets it go on. */
export const pause = (worker: Worker, until: number): Promise<void> =>
  new Promise((resolve) => {
    worker.restsUntil = until;
    worker.goOn = resolve;
    worker.rests();
  });

/** Lets a worker go on, or starts one, and waits until it rests. */
export async function work(machine: Machine, world: World, isOnce = false): Promise<void> {
  const resting = isOnce ? undefined : machine.workers.find(mayRest);
  const worker = resting ?? startWorker(machine, world, isOnce);
  await goOn(worker, world);
  for (let at = machine.workers.length - 1; at >= 0; at -= 1)
    if (machine.workers[at]?.isOver) machine.workers.splice(at, 1);
}

async function goOn(worker: Worker, world: World): Promise<void> {
  const { goOn: resume } = worker;
  await new Promise<void>((resolve) => {
    worker.rests = resolve;
    worker.goOn = null;
    if (resume === null) return;
    world.now = Math.max(world.now, worker.restsUntil);
    resume();
  });
}

function startWorker(machine: Machine, world: World, isOnce: boolean): Worker {
  const worker: Worker = { goOn: null, restsUntil: world.now, rests: () => {}, isOver: false };
  const link = linkOf(machine, worker, world);
  const { store } = machine;
  const run = async () => {
    try {
      await pause(worker, world.now);
      await runTeamWorker({
        ...{ store, isOnce, owner: `${machine.name} ${world.nextId++}` },
        open: async () => link,
        clock: () => clockOf(machine, world),
        wait: (ms) => pause(worker, world.now + ms),
      });
    } catch (error) {
      const isExpected =
        error instanceof TollgateError &&
        (error.code === 'TEAM_UNREACHABLE' ||
          (error.code === 'TEAM_SHUT_OUT' && machine.isRevoked));
      if (!isExpected) world.truth.failures.push(error);
    }
    worker.isOver = true;
    worker.rests();
  };
  machine.workers.push(worker);
  void run();
  return worker;
}

const contextOf = (
  machine: Machine,
  world: World,
  session: string,
  place: Place,
): BudgetContext => {
  const id = sessionId(session);
  const attribution = { ...NO_ATTRIBUTION, model: 'house-model', ...place };
  return {
    ...{ now: clockOf(machine, world), sessionId: id, chain: [id], runChain: [id], outer: [] },
    ...{ nested: [], turnId: turnId('t'), agentId: null, attribution, startAttribution: null },
  };
};

interface Place {
  readonly repository: string;
  readonly client: string | null;
}
export const PLACES: readonly Place[] = [
  { repository: 'github.com/acme/shop', client: 'acme' },
  { repository: 'github.com/acme/mail', client: null },
];

/** An agent wants to make a request; it is let through where leases carry it, as hooks do. */
export function beginTurn(
  machine: Machine,
  world: World,
  needNanoUsd: NanoUsd,
  place: Place = pick(world, PLACES),
): boolean {
  const { hooks, turns, sessions } = machine;
  const free = sessions.filter((each) => turns.every(({ session }) => session !== each));
  if (free.length === 0) return false;
  const session = world.trouble === 0 ? String(free[0]) : pick(world, free);
  const at = contextOf(machine, world, session, place);
  return hooks.immediately(() => {
    if (!hooks.readSession(at.sessionId)) hooks.writeSession(newSession(at.sessionId, at.now));
    const statuses = readTeamStatuses(at, { store: hooks });
    askForShares(at, statuses, () => needNanoUsd, { store: hooks }, at.now);
    const isAllowed = statuses.every(
      (status) => status.budget.mode !== 'enforce' || (headroomOf(status) ?? 0) >= needNanoUsd,
    );
    if (!isAllowed) return false;
    const holder = hooks.readHolder();
    const poolKeys = statuses.flatMap(({ windowKey }) => {
      const lease = hooks.readHeldLease(windowKey.replace(/^team\||\|-?\d+$/g, ''));
      return lease !== null && isHeld(lease, holder, at.now) ? [lease.poolKey] : [];
    });
    hooks.reserve({
      ...{ sessionId: at.sessionId, agentId: null, attribution: at.attribution },
      ...{ turnId: at.turnId, amountNanoUsd: needNanoUsd, madeAt: at.now },
      expiresAt: at.now + 30 * DAY_MS,
    });
    turns.push({ session, at, needNanoUsd, poolKeys });
    note(
      world,
      `${machine.name} begins a turn of at most ${needNanoUsd} in ${poolKeys.join(', ')}`,
    );
    return true;
  });
}

/** The response of a request is in the transcript: it counts, and what was held for it is let go. */
export function endTurn(machine: Machine, world: World): void {
  const turn = machine.turns.shift();
  if (turn === undefined) return;
  const { hooks } = machine;
  const costNanoUsd = between(world, 0, turn.needNanoUsd);
  const id = `${world.seed}-${world.nextId++}`;
  const occurredAt = clockOf(machine, world);
  hooks.immediately(() => {
    recordEach(hooks, [
      request({
        ...{ id, at: occurredAt, session: turn.session, turn: 't', cost: costNanoUsd },
        labels: turn.at.attribution,
      }),
    ]);
    hooks.release(turn.at.sessionId, null);
  });
  const { poolKeys } = turn;
  const stillOpen = poolKeys.filter((key) => isOpen(key, world));
  for (const key of stillOpen) add(world.truth.covered, key, costNanoUsd);
  machine.covered.set(id, { poolKeys: stillOpen, cost: costNanoUsd });
  note(world, `${machine.name} has spent ${costNanoUsd}`);
}

/** A request that ends in another window than it began in is of the other one. */
const isOpen = (key: string, { truth, now }: World): boolean => {
  const pool = truth.pools.find(({ poolKey }) => poolKey === key);
  return pool === undefined || now < pool.endAt;
};

/** What was spent under leases, and has not come to the team. */
export function untold(machine: Machine, { truth }: World): Map<string, NanoUsd> {
  const sums = new Map<string, NanoUsd>();
  for (const [id, { poolKeys, cost }] of machine.covered) {
    if (!truth.arrivals.has(id)) for (const key of poolKeys) add(sums, key, cost);
  }
  return sums;
}

/** What turns under way may cost in a pool. */
export const underWay = ({ turns }: Machine, poolKey: string): NanoUsd =>
  turns
    .filter(({ poolKeys }) => poolKeys.includes(poolKey))
    .reduce((sum, { needNanoUsd }) => sum + needNanoUsd, 0);
