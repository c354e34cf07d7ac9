// What is true whatever the server believes, and what must hold at every step. In one sentence: of each pool, what was spent under leases and what every machine
// may still spend under the leases it holds is never more than what the server has counted (spent, held or lost), and never more than the ceiling in force,
// except for what a machine had spent and not yet told when a manager took its lease back or when its clock was turned, and for a lease that is over and
// lives again by a clock that is turned back.
import type { NanoUsd } from '../../../src/domain/money.ts';
import { isHeld, shareCeiling, sharePoolKey } from '../../../src/domain/team-share.ts';
import type { HeldLease, Pool } from '../../../src/stores/store.ts';
import { clockOf, type Machine, underWay } from './machine.ts';
import type { World } from './world.ts';

export interface ServerPool {
  readonly poolKey: string;
  readonly budgetId: string;
  readonly endAt: number;
  readonly limitNanoUsd: NanoUsd;
  readonly committedNanoUsd: NanoUsd;
  readonly spentNanoUsd: NanoUsd;
  readonly heldNanoUsd: NanoUsd;
  readonly lostNanoUsd: NanoUsd;
}

export interface Truth {
  /** Entry → how far the team's clock was ahead when it came first. */
  readonly arrivals: Map<string, number>;
  /** Spent under leases, by pool. */
  readonly covered: Map<string, NanoUsd>;
  /** The exceptions of the rule, by pool. */
  readonly excused: Map<string, NanoUsd>;
  /** The ceiling in force; what was handed out before a ceiling was lowered stays out. */
  readonly ceilings: Map<string, NanoUsd>;
  readonly failures: unknown[];
  /** Asked of the server. */
  questions: number;
  pools: readonly ServerPool[];
}

export const add = (to: Map<string, NanoUsd>, key: string, amount: NanoUsd): void => {
  to.set(key, (to.get(key) ?? 0) + amount);
};

export const newTruth = (): Truth => ({
  ...{ arrivals: new Map(), covered: new Map(), excused: new Map(), ceilings: new Map() },
  ...{ failures: [], questions: 0, pools: [] },
});

/** Looks at the server, where anything has come to it, and at every machine; `nextAt`: when the next step is. */
export async function checkStep(world: World, nextAt = world.now): Promise<void> {
  const { truth } = world;
  const [failure] = truth.failures;
  if (failure !== undefined) throw failure;
  if (world.isTouched) {
    world.isTouched = false;
    truth.pools = (await world.lane.lookAndSet(nextAt)).map((row) => ({
      ...{ poolKey: String(row.pool_key), budgetId: String(row.budget_id) },
      ...{ endAt: Number(row.end_at_ms), limitNanoUsd: Number(row.limit_nano_usd) },
      ...{ committedNanoUsd: Number(row.committed_nano_usd), spentNanoUsd: Number(row.spent) },
      ...{ heldNanoUsd: Number(row.held), lostNanoUsd: Number(row.lost) },
    }));
    for (const pool of truth.pools) checkBooks(pool, truth);
  }
  const spendable = readSpendable(world);
  for (const pool of truth.pools) {
    if (world.now < pool.endAt) checkPool(pool, spendable.get(pool.poolKey) ?? 0, truth);
  }
}

function checkBooks(pool: ServerPool, truth: Truth): void {
  const { poolKey, committedNanoUsd, spentNanoUsd, heldNanoUsd, lostNanoUsd, limitNanoUsd } = pool;
  demand(committedNanoUsd === spentNanoUsd + heldNanoUsd + lostNanoUsd, 'the books of', pool);
  demand(Math.min(spentNanoUsd, heldNanoUsd, lostNanoUsd) >= 0, 'something negative in', pool);
  const before = truth.ceilings.get(poolKey) ?? limitNanoUsd;
  truth.ceilings.set(poolKey, Math.max(limitNanoUsd, Math.min(before, committedNanoUsd)));
}

function checkPool(pool: ServerPool, spendable: NanoUsd, truth: Truth): void {
  const { poolKey, committedNanoUsd } = pool;
  const spent = truth.covered.get(poolKey) ?? 0;
  const out = spent + spendable - (truth.excused.get(poolKey) ?? 0);
  const ceiling = truth.ceilings.get(poolKey) ?? 0;
  const seen = { ...pool, spent, spendable, out, ceiling };
  demand(out <= committedNanoUsd, 'more is out than the server has counted in', seen);
  demand(out <= ceiling, 'more is out than the ceiling of', seen);
}

export function demand(holds: boolean, what: string, seen: unknown): void {
  if (!holds) throw new Error(`${what} ${JSON.stringify(seen)}`);
}

/** What machines may spend by the leases they hold, and by requests under way, by pool. */
function readSpendable(world: World): Map<string, NanoUsd> {
  const sums = new Map<string, NanoUsd>();
  for (const machine of world.machines) {
    const keys = new Set(machine.turns.flatMap(({ poolKeys }) => poolKeys));
    const left = readLeft(machine, world);
    for (const key of new Set([...keys, ...left.keys()]))
      add(sums, key, Math.max(left.get(key) ?? 0, underWay(machine, key)));
  }
  return sums;
}

/** What each lease of a machine still carries there. */
export function readLeft(machine: Machine, world: World): Map<string, NanoUsd> {
  const { hooks } = machine;
  const now = clockOf(machine, world);
  const held = hooks.readHeldLeases().filter((each) => isHeld(each, hooks.readHolder(), now));
  if (held.length === 0) return new Map();
  return hooks.immediately(
    () =>
      new Map(
        held.map((lease) => {
          const { postedNanoUsd } = hooks.readPoolSpend(poolOf(lease, world), NOBODY, now);
          return [lease.poolKey, Math.max(0, shareCeiling(lease) - postedNanoUsd)];
        }),
      ),
  );
}

const NOBODY = { sessionId: '' as never, agentId: null };

/** The sum of a lease, as the gate asks for it. */
function poolOf(lease: HeldLease, { budgets }: World): Pool {
  const [id, ...parts] = lease.shareKey.split('|');
  const split = Object.fromEntries(parts.map((part) => part.split('=')));
  const { session, ...labels } = { ...budgets.find((each) => each.id === id)?.where, ...split };
  return {
    ...{ key: sharePoolKey(lease), window: lease, labels, turnId: null, agentId: null },
    ...{ sessions: session === undefined ? null : [session], isAhead: false },
  };
}
