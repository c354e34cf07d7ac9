// A server and a team for the tests of one file, from before the first to after the last; and what several of these files say to it.
import { afterAll, beforeAll } from 'vitest';
import type { NanoUsd } from '../../src/domain/money.ts';
import type { EpochMs } from '../../src/domain/time.ts';
import type { NewTeam } from '../../src/stores/postgres/init-team.ts';
import type { Store } from '../../src/stores/store.ts';
import { runTeamWorker, type WorkDone } from '../../src/team/worker.ts';
import {
  makeTeam,
  startTeamServer,
  type TeamServer,
  type TestMachine,
  type TestTeam,
} from './team-database.ts';

/** What it answers may be asked inside tests and hooks. */
export function useTeam(
  database: string,
  words: Partial<NewTeam> = {},
): Pick<TestTeam, 'manager' | 'connection' | 'join'> {
  let server: TeamServer;
  let team: TestTeam;
  beforeAll(async () => {
    server = await startTeamServer();
    team = await makeTeam(server, database, words);
  });
  afterAll(async () => {
    await team.close();
    await server.remove();
  });
  return {
    get manager() {
      return team.manager;
    },
    get connection() {
      return team.connection;
    },
    join: (...of) => team.join(...of),
  };
}

/** One ceiling of the whole team for each day. */
export const setDay = ({ manager }: Pick<TestTeam, 'manager'>, hardNanoUsd: NanoUsd) =>
  manager.setBudget({
    ...{ id: 'day', where: {}, per: [], period: 'day', softNanoUsd: null, hardNanoUsd },
    mode: 'enforce',
  });

/** Nothing was spent, and nobody holds anything. */
export const forgetSpend = ({ connection }: Pick<TestTeam, 'connection'>) =>
  connection.query(
    'TRUNCATE tollgate.entry, tollgate.spend_day, tollgate.spend_quarter, tollgate.session, tollgate.pool, tollgate.lease, tollgate.kill_switch',
  );

/** Sends what a ledger has, and fetches what its hooks have asked for. */
export const syncOnce = (
  store: Store,
  { store: team }: Pick<TestMachine, 'store'>,
  clock: () => EpochMs = Date.now,
): Promise<WorkDone> =>
  runTeamWorker({
    ...{ store, clock, isOnce: true, owner: String(Math.random()) },
    open: async () => ({ ...team, close: async () => {} }),
    wait: async () => {},
  });
