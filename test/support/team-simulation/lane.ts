// One database for scenarios that run one after another: machines that have joined, and a clock that scenarios set. All of it is the real thing except for
// what `now_ms` of the schema reads, since a day has to pass in a moment.
import type { Row } from '../../../src/stores/postgres/connect.ts';
import { quoted, rolesOf } from '../../../src/stores/postgres/names.ts';
import { makeTeam, type TeamServer, type TestMachine, type TestTeam } from '../team-database.ts';

/** One has two machines. */
export const DEVELOPERS = ['mia', 'mia', 'noa', 'ole'].map((name) => `${name}@acme.example`);

export interface Lane {
  readonly team: TestTeam;
  /** Credentials; a machine that was revoked joins anew in its place. */
  readonly seats: TestMachine[];
  /** What the server's clock shows. */
  readonly setClock: (now: number) => Promise<void>;
  /** Sets the clock after a look at all pools. */
  readonly lookAndSet: (now: number) => Promise<readonly Row[]>;
  /** Empties the team for another scenario. */
  readonly begin: (zone: string, leaseMs: number) => Promise<void>;
  /** Ends the credentials of a seat, and gives it others. */
  readonly revoke: (seat: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const EMPTIED = [
  ...['entry', 'spend_quarter', 'spend_day', 'session', 'pool', 'lease', 'kill_switch'],
  ...['grant_line', 'budget', 'audit'],
];

const READ_POOLS = `WITH clock AS (UPDATE tollgate.simulated_clock SET now_ms = $1)
  SELECT pool_key, budget_id, end_at_ms, hard_nano_usd + granted_nano_usd AS limit_nano_usd, committed_nano_usd,
    sum(spent_nano_usd)::bigint AS spent, sum(outstanding_nano_usd)::bigint AS held, sum(lost_nano_usd)::bigint AS lost
  FROM tollgate.pool JOIN tollgate.budget USING (budget_id) LEFT JOIN tollgate.lease USING (pool_key)
  GROUP BY pool_key, budget.budget_id`;

export async function openLane(server: TeamServer, database: string): Promise<Lane> {
  const team = await makeTeam(server, database);
  const { query } = team.connection;
  await query(`CREATE TABLE tollgate.simulated_clock (now_ms bigint NOT NULL);
    INSERT INTO tollgate.simulated_clock VALUES (0);
    ALTER TABLE tollgate.simulated_clock OWNER TO ${quoted(rolesOf(database).owner)};
    CREATE OR REPLACE FUNCTION tollgate.now_ms() RETURNS bigint LANGUAGE sql STABLE AS
      'SELECT now_ms FROM tollgate.simulated_clock';
    SET search_path = tollgate`);
  const seats: TestMachine[] = [];
  for (const developer of DEVELOPERS) seats.push(await team.join(developer));
  let shown = 0;
  /** Of seats that were revoked: a copy may still ask with their credentials until the scenario ends. */
  const left: TestMachine[] = [];
  return {
    team,
    seats,
    setClock: async (now) => {
      if (now === shown) return;
      shown = now;
      await query('UPDATE tollgate.simulated_clock SET now_ms = $1', [now]);
    },
    lookAndSet: (now) => {
      shown = now;
      return query(READ_POOLS, [now]);
    },
    begin: async (zone, leaseMs) => {
      for (const { connection } of left.splice(0)) await connection.close();
      await query(
        `${EMPTIED.map((table) => `DELETE FROM tollgate.${table}`).join(';')};
         UPDATE tollgate.team SET offline = 'lease', time_zone = '${zone}', lease_ms = ${leaseMs}`,
      );
    },
    revoke: async (seat) => {
      const old = seats[seat] as TestMachine;
      left.push(old);
      await team.manager.revoke(old.role);
      seats[seat] = await team.join(DEVELOPERS[seat] ?? '');
    },
    close: team.close,
  };
}
