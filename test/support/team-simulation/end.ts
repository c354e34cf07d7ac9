// The end of a scenario: everything is delivered, and then the server's books are the machines', nobody is shut out, and no money is left behind.
import type { TeamEntry } from '../../../src/stores/team-store.ts';
import { beginTurn, endTurn, type Machine, PLACES, work } from './machine.ts';
import { arriveLate, takeBack } from './steps.ts';
import { checkStep, demand } from './truth.ts';
import { note, type World } from './world.ts';

const DOLLAR = 1_000_000_000;
const MINUTE_MS = 60_000;

/** Ends what is under way, and lets everything arrive. */
export async function settleAll(world: World): Promise<void> {
  const { machines } = world;
  note(world, 'the end');
  world.trouble = 0;
  while (world.late.length > 0) await arriveLate(world);
  for (const machine of machines) {
    machine.awayUntil = 0;
    while (machine.turns.length > 0) endTurn(machine, world);
    while (machine.workers.length > 0) {
      await work(machine, world);
      world.now += MINUTE_MS + 1;
    }
    await checkStep(world);
  }
}

export async function checkEnd(world: World): Promise<void> {
  const living = world.machines.filter(({ isRevoked }) => !isRevoked);
  world.now += MINUTE_MS;
  await checkShares(world, living);
  await checkStranded(world, living);
  await checkEntries(world, living);
}

/** Every entry of a machine once, its sums, and its pools. */
async function checkEntries(world: World, living: readonly Machine[]): Promise<void> {
  const { query } = world.lane.team.connection;
  const costs = new Map<string, number>();
  for (const row of await query('SELECT entry_id, cost_nano_usd FROM tollgate.entry')) {
    const id = String(row.entry_id);
    demand(!costs.has(id), 'counted twice:', id);
    costs.set(id, Number(row.cost_nano_usd));
  }
  for (const machine of living) {
    for (const { entryId, costNanoUsd } of entriesOf(machine))
      demand(costs.get(entryId) === costNanoUsd, `not what ${machine.name} has told:`, entryId);
  }
  const sum = [...costs.values()].reduce((total, cost) => total + cost, 0);
  const [sums] = await query(`SELECT
    (SELECT coalesce(sum(cost_nano_usd), 0)::bigint FROM tollgate.spend_quarter) AS quarters,
    (SELECT coalesce(sum(cost_nano_usd), 0)::bigint FROM tollgate.spend_day) AS days`);
  demand(sums?.quarters === sum && sums.days === sum, `of ${sum} the sums have`, sums);
  const wrong = await query(
    `WITH counted AS (
       SELECT pool.pool_key, sum(entry.cost_nano_usd)::bigint AS cost
       FROM tollgate.entry JOIN tollgate.attribution USING (attribution_id) JOIN tollgate.session USING (session_key)
       JOIN unnest($1::text[], $2::bigint[]) AS came (entry_id, offset_ms) USING (entry_id)
       CROSS JOIN LATERAL tollgate.pools_of(tollgate.labels_json(attribution), session_id, occurred_at_ms + offset_ms) AS pool
       GROUP BY 1)
     SELECT pool_key, coalesce(counted.cost, 0) AS entries, coalesce(kept.cost, 0) AS pool FROM counted FULL JOIN (
       SELECT pool_key, sum(spent_nano_usd)::bigint AS cost FROM tollgate.lease GROUP BY 1) AS kept USING (pool_key)
     WHERE coalesce(counted.cost, 0) <> coalesce(kept.cost, 0)`,
    [[...world.truth.arrivals.keys()], [...world.truth.arrivals.values()]],
  );
  demand(wrong.length === 0, 'pools without their entries:', wrong);
}

const entriesOf = ({ hooks, joinedThrough }: Machine): readonly TeamEntry[] =>
  hooks.readTeamEntries(joinedThrough, 10_000).entries;

/** Whoever is no copy may go on at once where there is money; copies do so in the next window. */
async function checkShares(world: World, living: readonly Machine[]): Promise<void> {
  const { team, setClock } = world.lane;
  await setClock(world.now);
  for (const { kind, value } of world.kills.splice(0)) await team.manager.liftKill(kind, value);
  for (const budget of world.budgets)
    await team.manager.setBudget({ ...budget, hardNanoUsd: 1_000_000 * DOLLAR });
  world.isTouched = true;
  for (const machine of living) {
    let isIn = false;
    for (let tries = 0; tries < 3 && !isIn; tries += 1) {
      world.now += 2_000;
      isIn = beginTurn(machine, world, DOLLAR / 10, PLACES[0]);
      if (!isIn) await work(machine, world, true);
    }
    demand(isIn || machine.isCopied, 'shut out:', machine.hooks.readHeldLeases());
    while (machine.turns.length > 0) endTurn(machine, world);
  }
  await checkStep(world);
}

/** A minute after the last event machines give back what they hold; what lost machines hold may be taken back ten minutes after it ended. */
async function checkStranded(world: World, living: readonly Machine[]): Promise<void> {
  const { lane } = world;
  for (const machine of living) {
    await work(machine, world);
    world.now += MINUTE_MS + 1;
    await work(machine, world);
    demand(machine.workers.length === 0, 'works on:', machine.name);
  }
  await checkStep(world);
  if (!world.hasLeft)
    for (const pool of open(world)) demand(pool.heldNanoUsd === 0, 'held by nobody:', pool);
  const [team] = await lane.team.connection.query('SELECT lease_ms FROM tollgate.team');
  world.now += Number(team?.lease_ms) + 10 * MINUTE_MS + 1;
  await lane.setClock(world.now);
  for (const role of world.roles) await takeBack(role, world);
  world.isTouched = true;
  await checkStep(world);
  for (const pool of open(world))
    demand(pool.heldNanoUsd + pool.lostNanoUsd === 0, 'left behind:', pool);
}

const open = ({ truth, now }: World) => truth.pools.filter(({ endAt }) => now < endAt);
