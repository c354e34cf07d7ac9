// What commands print with --team is what they print of the one machine whose entries the team has: reports, statements, why; and what is going on.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS } from '../../../src/domain/time.ts';
import { connect } from '../../../src/stores/postgres/connect.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { cliOk, runCli } from '../../support/in-process-cli.ts';
import { recordAll, request } from '../../support/ledger-entries.ts';
import { manyEntries } from '../../support/many-entries.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';
import { startTeamServer, type TeamServer } from '../../support/team-database.ts';

const MIA = 'mia@acme.example';
const NOW = Date.now();
const RUNNING = '9f2c0000-0000-4000-8000-000000000001';

let server: TeamServer;
let lead: Sandbox;
let mia: Sandbox;

beforeAll(async () => {
  [server, lead, mia] = await Promise.all([startTeamServer(), createSandbox(), createSandbox()]);
  await server.createDatabase('reports');
  const url = `postgres://postgres@127.0.0.1:${server.port}/reports`;
  const words = ['team', 'init', url, '--developer', 'lead@acme.example', '--timezone', 'UTC'];
  await cliOk(lead, words, { env: lead.env({ PGPASSWORD: server.password }), now: NOW });
  await cliOk(lead, ['team', 'budget', 'set', 'day', '--hard', '9000'], { now: NOW });
  const code = (await cliOk(lead, ['team', 'invite', MIA], { now: NOW })).trim();
  await cliOk(mia, ['team', 'join', code], { now: NOW });
  for (const { home } of [lead, mia]) {
    const folder = join(home, '.config/tollgate');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ timeZone: 'UTC' }));
  }
  spend();
  await cliOk(mia, ['team', 'sync'], { now: NOW });
}, 120_000);
afterAll(async () => {
  await Promise.all([server.remove(), lead.cleanup(), mia.cleanup()]);
});

/** Forty days until some days ago, and a session that runs now. */
function spend(): void {
  const store = openSqliteStore(join(mia.tollgateHome, 'ledger.db'));
  const entries = manyEntries(800, {
    startAt: Math.floor(NOW / DAY_MS - 60) * DAY_MS,
    ...{ developers: [MIA], models: ['house-model', 'other-model', null] },
  });
  recordAll(
    store,
    entries.map((entry) => ({ ...entry, costNanoUsd: Math.abs(entry.costNanoUsd) })),
  );
  const labels = { developer: MIA, repository: 'github.com/Acme/Shop', branch: 'main' };
  const running = { session: RUNNING, at: NOW - 60_000, cost: 250_000_000 };
  recordAll(store, [
    request({ ...running, id: 'msg_r1', labels: { ...labels, model: 'house-model' } }),
  ]);
  store.close();
}

const own = (...words: string[]) => cliOk(mia, words, { now: NOW });
const team = (...words: string[]) => cliOk(lead, [...words, '--team'], { now: NOW });
const json = async (text: Promise<string>) => JSON.parse(await text) as Record<string, unknown>;

test.each([
  ['--by', 'day'],
  ['--by', 'developer'],
  ['--by', 'month,client', '--breakdown'],
  ['--by', 'session', '--top', '3'],
  ['--by', 'label:team', '--since', '35d'],
  ['--by', 'block', '--since', '50d', '--until', '35d'],
  ['--by', 'branch', '--where', 'branch=feat/*', '--where', 'tool=Bash'],
  ['--by', 'week', '--timezone', 'Asia/Kathmandu'],
  ['--by', 'hour', '--format', 'csv'],
  ['--by', 'repository', '--format', 'text'],
  ['--format', 'focus'],
])('report %s %s', async (...words) => {
  const isJson = !words.includes('--format');
  const asked = ['report', ...words, ...(isJson ? ['--json'] : [])];
  expect(await team(...asked)).toBe(await own(...asked));
});

test('an empty report says why', async () => {
  const nothing = await runCli(lead, ['report', '--team', '--where', 'branch=none'], { now: NOW });
  expect(nothing.stderr).toContain('tollgate report --by branch --team lists');
  const early = ['report', '--team', '--until', '2020-01-01'];
  expect((await runCli(lead, early, { now: NOW })).stderr).toContain('machines send what they');
});

test('a developer is told that it reads its own entries; who is no member, how to become one', async () => {
  const { stderr, exitCode } = await runCli(mia, ['report', '--team'], { now: NOW });
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringContaining("this machine's role reads the entries it has sent"),
  ]);
  const nobody = await createSandbox();
  const refused = await runCli(nobody, ['report', '--team'], { now: NOW });
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringContaining('belongs to no team'),
  ]);
  await nobody.cleanup();
});

test('why tells the same of a session', async () => {
  for (const words of [
    ['why', RUNNING, '--json'],
    ['why', '--json'],
  ]) {
    // Where it works, the ledger of a machine has from hooks alone.
    const { repository: _r, branch: _b, ...ours } = await json(own(...words));
    expect(await json(team(...words))).toMatchObject(ours);
  }
  expect(await team('why', '9f2c')).toContain('github.com/Acme/Shop @ main');
  const many = await runCli(lead, ['why', 'session-', '--team'], { now: NOW });
  expect(many.stderr).toMatch(/\d+ sessions begin with session-/);
});

test('a statement of the team bills it, and is corrected from it alone', async () => {
  const span = ['--client', 'Acme', '--since', '50d', '--until', '35d'];
  const of = async (text: Promise<string>) => {
    const { statements } = (await json(text)) as { statements: Record<string, unknown>[] };
    const { lines, total, isOfTeam } = statements[0] ?? {};
    return { lines, total, isOfTeam };
  };
  const ours = await of(own('statement', ...span, '--json'));
  expect(ours.isOfTeam).toBeUndefined();
  expect(await of(team('statement', ...span, '--json'))).toEqual({ ...ours, isOfTeam: true });
  const file = join(lead.root, 'acme.md');
  await team('statement', ...span, '--issue', '--out', file);
  expect(await team('statement', '--verify', file)).toContain('The ledger still says the same');
  const next = ['statement', '--client', 'Acme', '--since', '34d', '--until', '25d'];
  // Whoever forgets --team would give all of it back to the client.
  const localLedger = await runCli(lead, next, { now: NOW });
  expect([localLedger.exitCode, localLedger.stderr]).toEqual([
    2,
    expect.stringContaining('bills the team'),
  ]);
  expect((await of(team(...next, '--json'))).lines).not.toEqual([]);
});

test('status and watch tell what goes on in the team', async () => {
  const session = {
    ...{ sessionId: RUNNING, developer: MIA, branch: 'main', model: 'house-model' },
    ...{ repository: 'github.com/Acme/Shop', requestCount: 1 },
    ...{ costNanoUsd: 250_000_000, burnNanoUsdPerHour: 250_000_000, costUsd: 0.25 },
  };
  const status = (await json(team('status', '--json'))) as { sessions: unknown[] };
  expect(status).toMatchObject({ schema: 'tollgate/team@1', name: 'reports', sessions: [session] });
  expect(await json(team('watch', '--json'))).toMatchObject({
    ...{ schema: 'tollgate/team-watch@1', team: 'reports', sessions: [session] },
    pools: [{ budgetId: 'day', ceilingNanoUsd: 9_000_000_000_000 }],
  });
  for (const words of [['status'], ['watch', '--once']]) {
    const text = await team(...words);
    expect(text).toMatch(/9f2c0000 +mia@acme\.example +Acme\/Shop @ main +house-model +\$0\.25/);
    expect(text).toContain('day, this day: $0.25 spent, $0.00 held of $9,000.00');
  }
  const narrowed = await runCli(lead, ['status', '--team', '--check'], { now: NOW });
  expect([narrowed.exitCode, narrowed.stderr]).toEqual([2, expect.stringContaining('--check')]);
});

test('old entries are removed and their sums stay; what needs the entries says that they are gone', async () => {
  const { rows } = (await json(team('report', '--by', 'day', '--json'))) as { rows: unknown };
  const day = (daysAgo: number) => new Date(NOW - daysAgo * DAY_MS).toISOString().slice(0, 10);
  const young = await runCli(lead, ['team', 'prune', '--before', '50d'], { now: NOW });
  expect([young.exitCode, young.stderr]).toEqual([2, expect.stringContaining('last 62 days stay')]);
  expect((await runCli(lead, ['team', 'prune'], { now: NOW })).stderr).toContain('which days');
  // As if the entries were older than they are.
  const admin = { ...server.admin('reports') };
  const connection = await connect(admin, server.password);
  await connection.query(`UPDATE tollgate.team SET kept_from = $1`, [day(40)]);
  await connection.query(`DROP TABLE tollgate.entry_${day(45).replaceAll('-', '')}`);
  await connection.close();
  expect(((await json(team('report', '--by', 'day', '--json'))) as { rows: unknown }).rows).toEqual(
    rows,
  );
  const old = await runCli(lead, ['why', 'session-11', '--team'], { now: NOW });
  expect([old.exitCode, old.stderr]).toEqual([
    2,
    expect.stringContaining(`entries before ${day(40)} were removed`),
  ]);
  // A machine that sends them again adds nothing, and what is new beside them comes in.
  const totals = async () =>
    ((await json(team('status', '--json'))) as { totals: { requestCount: number } }).totals;
  const before = await totals();
  const store = openSqliteStore(join(mia.tollgateHome, 'ledger.db'));
  store.immediately(() => store.writeTeamPosition(0));
  recordAll(store, [
    request({ id: 'msg_r2', at: NOW, session: RUNNING, labels: { developer: MIA } }),
  ]);
  store.close();
  await cliOk(mia, ['team', 'sync'], { now: NOW });
  expect((await totals()).requestCount).toBe(before.requestCount + 1);
  expect(
    await json(cliOk(lead, ['team', 'prune', '--before', '400d', '--json'], { now: NOW })),
  ).toMatchObject({
    removedCount: 0,
  });
});
