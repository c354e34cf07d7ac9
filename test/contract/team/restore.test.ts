// A team's database is lost and restored from the backup of the documentation: machines go on, and what they sent since is sent again. Needs pg_dump and psql
// of the server's own version, which only a system's PostgreSQL brings.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../../src/stores/postgres/connect.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { cliOk } from '../../support/in-process-cli.ts';
import { installedPrograms } from '../../support/installed-postgres.ts';
import { recordAll, request } from '../../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';
import { startTeamServer, type TeamServer } from '../../support/team-database.ts';

const DOLLAR = 1_000_000_000;
const NAME = 'tollgate';
const DOCS = readFileSync('docs/team.md', 'utf8');

let server: TeamServer;
let lead: Sandbox;
let mia: Sandbox;
let admin: Connection;

beforeAll(async () => {
  [server, lead, mia] = await Promise.all([startTeamServer(15), createSandbox(), createSandbox()]);
  await server.createDatabase(NAME);
  const url = `postgres://postgres@127.0.0.1:${server.port}/${NAME}`;
  await cliOk(lead, ['team', 'init', url, '--developer', 'lead@acme.example'], {
    ...now(),
    env: lead.env({ PGPASSWORD: server.password }),
  });
  await team(lead, 'budget', 'set', 'day', '--hard', '10');
  await team(mia, 'join', (await team(lead, 'invite', 'mia@acme.example')).trim());
  admin = await connect(server.admin('postgres'), server.password);
});
afterAll(async () => {
  await admin.close();
  await Promise.all([server.remove(), lead.cleanup(), mia.cleanup()]);
});

const now = () => ({ now: Date.now() });
const team = (who: Sandbox, ...words: string[]) => cliOk(who, ['team', ...words], now());

/** A request of a dollar, and a question for as much. */
function spendDollar(id: string): void {
  const store = openSqliteStore(join(mia.tollgateHome, 'ledger.db'));
  const labels = { model: 'house-model' };
  recordAll(store, [request({ id, at: Date.now(), cost: DOLLAR, labels })]);
  store.immediately(() =>
    store.askLease({
      ...{ shareKey: 'day', budgetId: 'day', labels: {}, sessionId: 's', askedAt: Date.now() },
      ...{ wantNanoUsd: DOLLAR, needNanoUsd: DOLLAR },
    }),
  );
  store.close();
}

const today = () => new Date().toISOString().slice(0, 10);
const spentByTeam = async (): Promise<number> => {
  const words = ['report', '--team', '--by', 'developer', '--json'];
  const { rows } = JSON.parse(await cliOk(lead, words, now())) as {
    rows: { costNanoUsd: number }[];
  };
  return rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
};

/** The programs as the documentation calls them. */
function run(program: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(installedPrograms ?? '', program), words, {
    encoding: 'utf8',
    env: {
      ...{ PGHOST: '127.0.0.1', PGPORT: String(server.port), PGUSER: 'postgres' },
      PGPASSWORD: server.password,
    },
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout;
}

describe.skipIf(installedPrograms === undefined)('a backup', () => {
  test('brings a team back, and nothing of what machines have spent is missing or counts twice', async () => {
    spendDollar('msg_before');
    await team(mia, 'sync');
    const [roles, all] = ['roles.sql', 'team.sql'].map((name) => join(lead.home, name));
    writeFileSync(roles as string, run('pg_dumpall', '--roles-only'));
    writeFileSync(all as string, run('pg_dump', '--create', NAME));
    spendDollar('msg_after');
    await team(mia, 'sync');

    await lose();
    run('psql', '--file', roles as string, 'postgres');
    run('psql', '--set', 'ON_ERROR_STOP=1', '--file', all as string, 'postgres');
    run('psql', '--set', 'ON_ERROR_STOP=1', '--command', anew(), NAME);

    expect(await spentByTeam()).toBe(DOLLAR);
    spendDollar('msg_restored');
    expect(await team(mia, 'sync', '--since', today())).toContain(
      '3 entries sent, 2 of them new to the team',
    );
    expect(await spentByTeam()).toBe(3 * DOLLAR);
    const store = openSqliteStore(join(mia.tollgateHome, 'ledger.db'));
    expect(store.readHeldLease('day')).toMatchObject({
      ...{ state: 'granted', spentNanoUsd: 3 * DOLLAR },
    });
    store.close();
    // What the documentation has people watch can be asked.
    for (const [, statement = ''] of DOCS.matchAll(/```sql\n(--[\s\S]*?)```/g))
      run('psql', '--set', 'ON_ERROR_STOP=1', '--command', statement, NAME);
  });
});

/** Nothing is left of it. */
async function lose(): Promise<void> {
  await admin.query(`DROP DATABASE ${NAME} WITH (FORCE)`);
  const roles = await admin.query(
    "SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' AND rolname <> 'postgres'",
  );
  for (const { rolname } of roles) await admin.query(`DROP ROLE "${rolname}"`);
}

const anew = (): string => {
  const [, statement] = DOCS.match(/```sql\n(UPDATE tollgate\.lease[\s\S]*?)```/) ?? [];
  if (statement === undefined) throw new Error('docs/team.md says it no more');
  return statement;
};
