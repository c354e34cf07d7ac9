// Who answers for the team's database: its certificate is checked, and whoever cannot show it is not talked to.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/stores/postgres/connect.ts';
import type { TeamAddress } from '../../../src/stores/team-store.ts';
import { startTeamServer, type TeamServer } from '../../support/team-database.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/team-tls');
const CA = join(FOLDER, 'ca.crt');

let server: TeamServer;
beforeAll(async () => {
  server = await startTeamServer(18, false, FOLDER);
});
afterAll(() => server.remove());

const ask = async (at: Partial<TeamAddress>): Promise<unknown> => {
  const connection = await connect({ ...server.admin('postgres'), ...at }, server.password);
  try {
    const [row] = await connection.query(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    return row?.ssl;
  } finally {
    await connection.close();
  }
};

test('it is encrypted where its authority is known', async () => {
  expect(await ask({ host: 'localhost', caFile: CA })).toBe(true);
});

test.each([
  ['of another authority', { host: 'localhost', caFile: join(FOLDER, 'other-ca.crt') }],
  ['of another name', { host: '127.0.0.1', caFile: CA }],
])('a certificate %s is refused', async (_, at) => {
  await expect(ask(at)).rejects.toMatchObject({ code: 'TEAM_UNREACHABLE' });
});

test('a server without one is refused where one is asked for', async () => {
  const plain = await startTeamServer();
  try {
    const at = { ...plain.admin('postgres'), host: 'localhost', caFile: CA };
    await expect(connect(at, plain.password)).rejects.toMatchObject({ code: 'TEAM_UNREACHABLE' });
  } finally {
    await plain.remove();
  }
});
