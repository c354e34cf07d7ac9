// A team on real hooks: two machines draw on one day of the team, both are halted before it is over, a manager's grant lets one go on, and a manager's
// halt stops it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/stores/postgres/connect.ts';
import { guard } from '../support/guarded.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { openScriptedSession } from '../support/scripted-session.ts';
import { startTeamServer, type TeamServer } from '../support/team-database.ts';
import { tollgateOk } from '../support/tollgate.ts';

const CEILING = 2;
/** In what is typed, run, answered, and in the remote's address. */
const SECRET = 'sk-seed-Zq7xK2';
/** A request: $0.0825. */
const USAGE = {
  ...{ input_tokens: 1_000, output_tokens: 1_000 },
  ...{ cache_read_input_tokens: 80_000, cache_creation_input_tokens: 2_000 },
};
const COST = (1_000 * 5 + 1_000 * 25 + 80_000 * 0.5 + 2_000 * 6.25) / 1e6;

let server: TeamServer;
let lead: Sandbox;
let mia: Sandbox;

beforeAll(async () => {
  [server, lead, mia] = await Promise.all([startTeamServer(), createSandbox(), createSandbox()]);
  await server.createDatabase('e2e');
  const url = `postgres://postgres@127.0.0.1:${server.port}/e2e`;
  const password = { PGPASSWORD: server.password };
  await tollgateOk(lead, ['team', 'init', url, '--developer', 'lead@acme.example'], password);
  await tollgateOk(lead, ['team', 'budget', 'set', 'day', '--hard', String(CEILING)]);
  const code = await tollgateOk(lead, ['team', 'invite', 'mia@acme.example']);
  await tollgateOk(mia, ['team', 'join', code.trim()]);
  await tollgateOk(lead, ['team', 'sync']);
  for (const machine of [lead, mia]) {
    const url = `https://ada:${SECRET}@github.com/Acme/Shop.git`;
    await machine.git('remote', 'set-url', 'origin', url);
    await guard(machine);
  }
});
afterAll(async () => {
  await Promise.all([server.remove(), lead.cleanup(), mia.cleanup()]);
});

const teamSpent = async (): Promise<number> => {
  // Its worker is at it; whoever is second finds nothing to do.
  for (const machine of [lead, mia]) await tollgateOk(machine, ['team', 'sync']);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const told = JSON.parse(await tollgateOk(lead, ['team', 'status', '--json'])) as {
    readonly totals: { readonly costNanoUsd: number };
  };
  return told.totals.costNanoUsd / 1e9;
};

test('two machines stay within the day of the team, and a grant and a halt reach them', async () => {
  const sessions = [
    openScriptedSession(lead, '1ead0000-0000-4000-8000-000000000000', USAGE, SECRET),
    openScriptedSession(mia, '31a00000-0000-4000-8000-000000000000', USAGE, SECRET),
  ] as const;
  for (const session of sessions) await session.begin();
  const ends = await Promise.all(sessions.map((session) => session.turn(40)));
  const sum = sessions.reduce((all, session) => all + session.requestCount() * COST, 0);
  console.log(
    `two machines under $${CEILING}: $${sum.toFixed(4)}, ${Math.round((100 * sum) / CEILING)} %`,
  );
  for (const { output } of ends) {
    expect(output?.systemMessage ?? output?.reason).toContain("your share of the team's day");
  }
  expect(sum).toBeLessThanOrEqual(CEILING);
  expect(sum).toBeGreaterThan(0.5 * CEILING);
  expect(await teamSpent()).toBeCloseTo(sum, 6);

  await tollgateOk(lead, ['team', 'grant', 'day', '1', '--reason', 'release']);
  const [, session] = sessions;
  const before = session.requestCount();
  await session.turn(3);
  expect(session.requestCount()).toBeGreaterThan(before);

  await tollgateOk(lead, ['team', 'halt', 'developer:mia@acme.example', '--reason', 'on holiday']);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const stopped = await session.turn(3);
  expect(stopped.output?.reason ?? stopped.output?.systemMessage).toContain('on holiday');
});

test("the team's database has the repository's name, and nothing of what was typed, run or answered", async () => {
  const connection = await connect(server.admin('e2e'), server.password);
  try {
    const tables = await connection.query(
      `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const stored: string[] = [];
    for (const { name } of tables) {
      const rows = await connection.query(`SELECT t::text AS text FROM ${name} t`);
      stored.push(...rows.map(({ text }) => String(text)));
    }
    expect(stored.join()).toMatch(/github\.com\/Acme\/Shop/i);
    expect(stored.join()).not.toContain(SECRET);
  } finally {
    await connection.close();
  }
});
