// What a developer tries with credentials of their own: other people's rows, less spend, higher ceilings, others' leases. Everything is refused.
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestMachine } from '../../support/team-database.ts';
import { entryOf, flushed } from '../../support/team-entries.ts';
import { setDay, useTeam } from '../../support/use-team.ts';

/** Statements that must fail. */
const REFUSED: readonly string[] = [
  "INSERT INTO tollgate.entry (day, entry_id) VALUES (current_date, 'x')",
  'UPDATE tollgate.entry SET cost_nano_usd = 0',
  'DELETE FROM tollgate.entry',
  'TRUNCATE tollgate.entry',
  'UPDATE tollgate.spend_day SET cost_nano_usd = 0',
  'DELETE FROM tollgate.spend_quarter',
  'UPDATE tollgate.pool SET committed_nano_usd = 0',
  'UPDATE tollgate.pool SET granted_nano_usd = 1000000000000',
  'UPDATE tollgate.lease SET outstanding_nano_usd = 1000000000000',
  'DELETE FROM tollgate.lease',
  'UPDATE tollgate.budget SET hard_nano_usd = 1000000000000',
  'DELETE FROM tollgate.budget',
  "INSERT INTO tollgate.member (role_name, kind, developer, state, invited_by) VALUES ('evil', 'manager', 'evil', 'joined', 'evil')",
  "UPDATE tollgate.member SET kind = 'manager'",
  "UPDATE tollgate.member SET developer = 'lead@acme.example'",
  'UPDATE tollgate.entry SET flag = NULL',
  'UPDATE tollgate.rate SET input = 0, output = 0',
  "UPDATE tollgate.team SET offline = 'warn'",
  'SELECT * FROM tollgate.audit',
  'SELECT * FROM tollgate.grant_line',
  "SELECT tollgate.set_budget('day', '{}', '{}', 'day', NULL, 1000000000000, 'enforce')",
  "SELECT tollgate.remove_budget('day')",
  "SELECT tollgate.grant_more('day', '{}', 's', 1000000000000, 'please')",
  "SELECT tollgate.invite_member('manager', 'evil', 'SCRAM-SHA-256$4096:AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', now() + interval '1 day')",
  "SELECT tollgate.revoke_member('postgres')",
  "SELECT tollgate.reclaim_leases('postgres')",
  "SELECT tollgate.kill_spending('all', '*', 'ha')",
  "SELECT tollgate.lift_kill('all', '*')",
  "SELECT tollgate.set_offline('warn')",
  "SELECT tollgate.set_rates('[]', 0, 1)",
  "SELECT tollgate.spend(1, 'day', 'day', 0, 1, -1000000000)",
  'SELECT tollgate.return_leases(1)',
  'SELECT tollgate.require_manager()',
  "SELECT tollgate.withheld_ids('{}', '{}', '{}', '{}', '{}')",
  "SELECT tollgate.keep_partitions('{0}')",
  "SELECT tollgate.join_team('x', 'again')",
  'SET ROLE tollgate_hostile_owner',
  'SET ROLE tollgate_hostile_manager',
  'SET SESSION AUTHORIZATION postgres',
  'ALTER TABLE tollgate.entry DISABLE ROW LEVEL SECURITY',
  'DROP POLICY of_members ON tollgate.entry',
  'CREATE TABLE tollgate.mine (x integer)',
  'CREATE FUNCTION tollgate.now_ms() RETURNS bigint LANGUAGE sql AS $$ SELECT 0::bigint $$',
  'CREATE SCHEMA evil',
  'DROP SCHEMA tollgate CASCADE',
  'GRANT tollgate_hostile_manager TO CURRENT_USER',
  "SELECT tollgate.prune_entries('2026-01-01')",
  'ALTER ROLE CURRENT_USER CREATEROLE',
  'ALTER ROLE postgres PASSWORD NULL',
  'CREATE ROLE evil SUPERUSER',
  'SELECT * FROM pg_authid',
  "COPY (SELECT 1) TO PROGRAM 'id'",
  "SELECT pg_read_file('postgresql.conf')",
  // Prompts and answers are nowhere.
  'SELECT prompt FROM tollgate.entry',
  'SELECT answer FROM tollgate.session',
];

const team = useTeam('hostile');
let evil: TestMachine;
let honest: TestMachine;

beforeAll(async () => {
  await setDay(team, 40_000_000_000);
  evil = await team.join('evil@acme.example');
  honest = await team.join('mia@acme.example');
  await flushed(honest.store, [
    entryOf({ id: 'honest-1', cost: 5_000_000_000, session: 'honest' }),
  ]);
  await flushed(evil.store, [entryOf({ id: 'evil-1', cost: 3_000_000_000, session: 'evil' })]);
});

const total = async () => (await team.manager.readTotals()).costNanoUsd;

describe('a hostile developer', () => {
  test.each(REFUSED)('%s', async (statement) => {
    const before = await state();
    await expect(evil.connection.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^TEAM_(REFUSED|OUTDATED)$/),
    });
    expect(await state()).toEqual(before);
  });

  test('sees rows of their own alone', async () => {
    const [row] = await evil.connection.query(`SELECT
      (SELECT array_agg(entry_id) FROM tollgate.entry) AS entries, (SELECT count(*) FROM tollgate.member) AS members,
      (SELECT sum(cost_nano_usd)::bigint FROM tollgate.spend_day) AS days,
      (SELECT sum(cost_nano_usd)::bigint FROM tollgate.spend_quarter) AS quarters,
      (SELECT array_agg(session_id) FROM tollgate.session) AS sessions,
      (SELECT count(*) FROM tollgate.attribution WHERE developer <> 'evil@acme.example') AS others`);
    expect(row).toEqual({
      ...{ entries: ['evil-1'], members: 1, days: 3_000_000_000, quarters: 3_000_000_000 },
      ...{ sessions: ['evil'], others: 0 },
    });
  });

  test('sees no partition of entries', async () => {
    const partitions = await team.connection.query(
      "SELECT relname FROM pg_class WHERE relname LIKE 'entry_2%' AND relkind = 'r'",
    );
    expect(partitions.length).toBeGreaterThan(0);
    for (const { relname } of partitions) {
      await expect(
        evil.connection.query(`SELECT * FROM tollgate.${relname}`),
      ).rejects.toMatchObject({
        code: 'TEAM_REFUSED',
      });
    }
  });

  test('lowers nothing with corrections', async () => {
    const before = await total();
    const less = { cost: -2_000_000_000, session: 'evil', requestCount: 0 };
    const answers = [
      await flushed(evil.store, [entryOf({ ...less, id: 'evil-1+1', reason: 'grown' })]),
      await flushed(evil.store, [
        entryOf({ ...less, id: 'settled:evil', reason: 'settled', provenance: 'client-settled' }),
      ]),
      await flushed(evil.store, [
        entryOf({ ...less, id: 'relabel:evil-1:0-', reason: 'relabelled' }),
      ]),
      await flushed(evil.store, [
        entryOf({ ...less, id: 'reprice:evil-1-', reason: 'repriced', cost: -3_000_000_000 }),
        entryOf({ ...less, id: 'reprice:evil-1+', reason: 'repriced', cost: 0 }),
      ]),
      // Of somebody else's session.
      await flushed(evil.store, [
        entryOf({ ...less, id: 'settled:honest', reason: 'settled', session: 'honest' }),
      ]),
    ];
    expect(await total()).toBe(before);
    expect(answers.map(({ flaggedCount, skippedCount }) => [flaggedCount, skippedCount])).toEqual([
      ...[
        [1, 0],
        [1, 0],
        [1, 0],
        [1, 0],
        [0, 1],
      ],
    ]);
  });

  test('does not make requests cheaper than the rate card', async () => {
    const before = await total();
    const answer = await flushed(evil.store, [
      entryOf({
        id: 'evil-cheap',
        cost: 1,
        session: 'evil',
        usage: { inputTokens: 1_000_000, outputTokens: 0 },
        labels: { model: 'claude-opus-4-5' },
      }),
    ]);
    expect(answer.flaggedCount).toBe(1);
    expect((await total()) - before).toBe(5_000_000_000);
  });

  test('spends as themselves, whatever they say', async () => {
    await flushed(evil.store, [
      entryOf({ id: 'evil-2', session: 'evil', labels: { developer: 'mia@acme.example' } }),
    ]);
    const rows = await team.connection.query(
      "SELECT developer FROM tollgate.entry JOIN tollgate.attribution USING (attribution_id) WHERE entry_id = 'evil-2'",
    );
    expect(rows).toEqual([{ developer: 'evil@acme.example' }]);
  });

  test('takes no lease of another, and gets no money for nothing', async () => {
    const asked = { budgetId: 'day', labels: {}, sessionId: 's', known: null, sentAt: Date.now() };
    const mine = await evil.store.takeLease({
      ...asked,
      wantNanoUsd: 1e9,
      needNanoUsd: 1e9,
      askId: 'a',
    });
    await expect(
      evil.store.takeLease({
        ...asked,
        wantNanoUsd: -1e12,
        needNanoUsd: 0,
        askId: 'b',
      }),
    ).rejects.toMatchObject({ code: 'TEAM_REFUSED' });
    expect(mine).toMatchObject({ state: 'granted', outstandingNanoUsd: expect.any(Number) });
    const pool = mine.state === 'granted' ? mine.poolKey : '';
    expect(await evil.store.settleLease(pool, 99)).toBeNull();
    const [held] = await honest.connection.query(
      'SELECT count(*) AS n FROM tollgate.lease WHERE outstanding_nano_usd > 0',
    );
    expect(held).toEqual({ n: 0 });
  });

  test('is nobody once revoked, also on a connection that is open', async () => {
    await team.manager.revoke(evil.role);
    await expect(evil.store.pullState()).rejects.toMatchObject({ code: 'TEAM_SHUT_OUT' });
    await expect(flushed(evil.store, [entryOf({ id: 'late' })])).rejects.toMatchObject({
      code: 'TEAM_SHUT_OUT',
    });
    expect(await evil.connection.query('SELECT * FROM tollgate.entry')).toEqual([]);
  });
});

/** All that counts, but for windows and times. */
async function state() {
  const [row] = await team.connection.query(`SELECT
    (SELECT jsonb_agg(budget ORDER BY budget_id) FROM tollgate.budget) AS budgets,
    (SELECT jsonb_agg(jsonb_build_array(role_name, kind, developer, state) ORDER BY member_id) FROM tollgate.member) AS members,
    (SELECT jsonb_agg(pool ORDER BY pool_key) FROM tollgate.pool) AS pools,
    (SELECT jsonb_agg(lease ORDER BY pool_key, member_id) FROM tollgate.lease) AS leases,
    (SELECT sum(cost_nano_usd) FROM tollgate.entry)::bigint AS entries,
    (SELECT sum(cost_nano_usd) FROM tollgate.spend_day)::bigint AS days,
    (SELECT count(*) FROM tollgate.rate) AS rates, (SELECT count(*) FROM tollgate.entry WHERE flag IS NOT NULL) AS flags,
    (SELECT offline FROM tollgate.team) AS offline`);
  return row;
}
