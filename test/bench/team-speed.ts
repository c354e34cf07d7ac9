// How fast a team's database is, with its log written to the disk: entries flushed with their roll-ups, leases on one budget.
import type { LeaseQuestion, TeamEntry } from '../../src/stores/team-store.ts';
import {
  makeTeam,
  startTeamServer,
  type TestMachine,
  type TestTeam,
} from '../support/team-database.ts';
import { entryOf } from '../support/team-entries.ts';

const CONNECTIONS = 8;
const ROWS_EACH = 40_000;
const LEASES_MS = 5_000;

const secondsSince = (at: bigint): number => Number(process.hrtime.bigint() - at) / 1e9;

/** Entries as a machine has them: a few sessions, models and tools. */
function batch(machine: number, from: number, count: number): TeamEntry[] {
  const startAt = Date.now();
  return Array.from({ length: count }, (_none, index) => {
    const n = from + index;
    return entryOf({
      ...{ id: `msg_01${machine}x${n}`, at: startAt + index, cost: 22_550_000 },
      ...{
        session: `session-${machine}-${Math.floor(n / 2_000)}`,
        turnId: `turn-${Math.floor(n / 20)}`,
      },
      usage: {
        inputTokens: 10,
        outputTokens: 300,
        cacheReadTokens: 40_000,
        cacheWrite5mTokens: 500,
      },
      labels: {
        ...{ model: 'claude-opus-4-5', repository: 'github.com/acme/shop' },
        ...{ branch: `feature-${machine}`, tool: `Tool${n % 5}` },
      },
    });
  });
}

async function takeLease({ store, role }: TestMachine, known: LeaseQuestion['known']) {
  const renewal = known?.renewal ?? 0;
  const answer = await store.takeLease({
    ...{ budgetId: 'day', labels: {}, sessionId: 's', wantNanoUsd: 1e13 + renewal * 1e6 },
    ...{ needNanoUsd: 1e6, known, askId: `${role} ${renewal}`, sentAt: Date.now() },
  });
  if (answer.state !== 'granted') throw new Error(answer.state);
  return answer;
}

async function flushSpeed(machines: readonly TestMachine[], size: number): Promise<number> {
  const count = ROWS_EACH / size;
  const prepared = machines.map((_machine, number) =>
    Array.from({ length: count }, (_none, at) => batch(number, size * 1e6 + at * size, size)),
  );
  const startAt = process.hrtime.bigint();
  await Promise.all(
    machines.map(async ({ store }, number) => {
      for (const entries of prepared[number] ?? []) await store.flush(entries, 0);
    }),
  );
  return (ROWS_EACH * machines.length) / secondsSince(startAt);
}

async function leaseSpeed(machines: readonly TestMachine[]): Promise<number> {
  const startAt = process.hrtime.bigint();
  let count = 0;
  await Promise.all(
    machines.map(async (machine) => {
      let known = await takeLease(machine, null);
      for (; secondsSince(startAt) * 1_000 < LEASES_MS; count += 1)
        known = await takeLease(machine, known);
    }),
  );
  return count / secondsSince(startAt);
}

/** What entries and their sums take on the disk, indexes included. */
async function bytesEach({ connection }: TestTeam): Promise<string> {
  const rows = await connection.query(`
      SELECT name, round(bytes::numeric / greatest(1, count)) AS bytes FROM (
        SELECT 'an entry' AS name, (SELECT count(*) FROM tollgate.entry) AS count,
          (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('tollgate.entry')) AS bytes
        UNION ALL SELECT 'a quarter of an hour', (SELECT count(*) FROM tollgate.spend_quarter),
          pg_total_relation_size('tollgate.spend_quarter')
        UNION ALL SELECT 'a day', (SELECT count(*) FROM tollgate.spend_day),
          pg_total_relation_size('tollgate.spend_day')) AS sizes`);
  return rows.map(({ name, bytes }) => `${name}: ${bytes} bytes`).join(', ');
}

const server = await startTeamServer(18, true);
try {
  const team = await makeTeam(server, 'bench');
  await team.manager.setBudget({
    ...{ id: 'day', where: {}, per: [], period: 'day', softNanoUsd: null },
    ...{ hardNanoUsd: 1e15, mode: 'enforce' },
  });
  const machines: TestMachine[] = [];
  for (let at = 0; at < CONNECTIONS; at += 1)
    machines.push(await team.join(`dev${at}@acme.example`));
  for (const size of [200, 1_000]) {
    const speed = await flushSpeed(machines, size);
    console.log(
      `flush, ${size} at once over ${CONNECTIONS} connections: ${Math.round(speed)} rows/s (asked: 40000)`,
    );
  }
  console.log(await bytesEach(team));
  console.log(
    `leases on one budget: ${Math.round(await leaseSpeed(machines))} a second (asked: 800)`,
  );
  await team.close();
} finally {
  await server.remove();
}
