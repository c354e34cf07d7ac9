// How long reports of a team take over ten million entries (TOLLGATE_BENCH_ENTRIES), in PostgreSQL on this machine: two hundred developers, ninety days.
import type { SumKey, SumQuery } from '../../src/domain/aggregates.ts';
import { ALL_TIME, DAY_MS } from '../../src/domain/time.ts';
import { zoneDays } from '../../src/reports/local-time.ts';
import { type Connection, connect } from '../../src/stores/postgres/connect.ts';
import { makeTeam, startTeamServer } from '../support/team-database.ts';
import { median } from './measure.ts';

const ENTRIES = Number(process.env.TOLLGATE_BENCH_ENTRIES ?? 10_000_000);
const DEVELOPERS = 200;
const DAYS = 90;
const ROUNDS = 7;
/** Rows of one statement. */
const STEP = 500_000;
const ASKED_MS = 300;
const START = Math.floor(Date.now() / DAY_MS - DAYS) * DAY_MS;

const SUMS = `count(*), 0, sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens),
  sum(cache_write_1h_tokens), sum(web_search_count), sum(cost_nano_usd), min(occurred_at_ms), max(occurred_at_ms)`;

/** A request a minute, one tool after the other, two models, three branches, two sessions a day. */
async function fill({ query }: Connection): Promise<void> {
  await query('SET search_path = tollgate');
  await query(
    `SELECT keep_partitions(array_agg(${START} + day * ${DAY_MS}::bigint)) FROM generate_series(0, ${DAYS}) AS day`,
  );
  await query(`INSERT INTO attribution (fingerprint, repository, branch, developer, client, model, tool)
    SELECT 'bench ' || n, 'github.com/acme/repo-' || n / 36 % 20, 'branch-' || n / 6 % 3, 'dev' || n / 36 || '@acme.example',
      'Client ' || n / 36 % 7, CASE n / 18 % 2 WHEN 0 THEN 'claude-opus-5-5' ELSE 'claude-haiku-5-5' END, 'Tool' || n % 6
    FROM generate_series(0, ${DEVELOPERS * 36 - 1}) AS n`);
  await query(`INSERT INTO session (session_id, member_id)
    SELECT 'session-' || n, 1 FROM generate_series(0, ${DEVELOPERS * DAYS * 2 - 1}) AS n`);
  for (let from = 0; from < ENTRIES; from += STEP)
    await query(`INSERT INTO entry (day, entry_id, member_id, session_key, attribution_id, turn_id, occurred_at_ms, recorded_at_ms, input_tokens,
      output_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, web_search_count, cost_nano_usd, request_count, provenance,
      unknown_model, interrupted)
    SELECT DATE '1970-01-01' + (at / ${DAY_MS})::integer, 'msg_' || n, 1, (dev * ${DAYS} + day) * 2 + (seq / 280) % 2 + 1,
      dev * 36 + seq % 6 + 6 * (day % 3) + CASE WHEN seq % 10 = 0 THEN 18 ELSE 0 END + 1, 'turn-' || seq / 20, at, at, 10, 300, 40000, 500, 0, 0,
      22550000 + n % 1000, 1, 'metered', 0, 0
    FROM (SELECT n, n % ${DEVELOPERS} AS dev, n / ${DEVELOPERS} % ${DAYS} AS day, n / ${DEVELOPERS * DAYS} AS seq,
      ${START} + (n / ${DEVELOPERS} % ${DAYS}) * ${DAY_MS}::bigint + 28800000 + (n / ${DEVELOPERS * DAYS}) * 60000::bigint AS at
      FROM generate_series(${from}, ${Math.min(from + STEP, ENTRIES) - 1}) AS n) AS line`);
  for (let day = 0; day < DAYS; day += 1) {
    const date = `DATE '1970-01-01' + ${START / DAY_MS + day}`;
    await query(`INSERT INTO spend_quarter SELECT occurred_at_ms - occurred_at_ms % 900000, session_key, attribution_id, provenance, 1, ${SUMS}
      FROM entry WHERE day = ${date} GROUP BY 1, 2, 3, 4`);
    await query(
      `INSERT INTO spend_day SELECT day, 1, attribution_id, provenance, ${SUMS} FROM entry WHERE day = ${date} GROUP BY 1, 3, 4`,
    );
  }
  await query('ANALYZE entry, spend_quarter, spend_day, attribution, session');
}

const server = await startTeamServer(18);
try {
  const team = await makeTeam(server, 'reports');
  // A large statement may take longer than any of a person's.
  const filling = await connect(server.admin('reports'), server.password, 100_000);
  await fill(filling);
  await filling.close();
  const zone = zoneDays('UTC', { startAt: START, endAt: Date.now() });
  const month = { startAt: START + 30 * DAY_MS, endAt: START + 60 * DAY_MS };
  const asked: readonly (readonly [string, Partial<SumQuery>])[] = [
    ['--by day', { by: ['day'] }],
    ['--by developer', { by: ['developer'] }],
    ['--by day,model', { by: ['day', 'model'] }],
    [
      '--by client,repository --since … --until … (30 days)',
      { by: ['client', 'repository'], window: month },
    ],
    [
      '--by branch --where repository=…/repo-3',
      { by: ['branch'], where: [{ key: 'repository', patterns: ['github.com/acme/repo-3'] }] },
    ],
    [
      '--by tool --since 7d, at any minute',
      { by: ['tool'], window: { ...ALL_TIME, startAt: START + 83 * DAY_MS + 36_123_456 } },
    ],
    [
      '--by session --since 7d',
      { by: ['session'], window: { ...ALL_TIME, startAt: START + 83 * DAY_MS } },
    ],
    ['--by session', { by: ['session'] }],
    [
      '--by hour --since 7d',
      { by: ['hour'], window: { ...ALL_TIME, startAt: START + 83 * DAY_MS } },
    ],
  ];
  const { manager } = team;
  const [{ count: total = 0 } = {}] = await team.connection.query(
    'SELECT sum(request_count)::bigint AS count FROM tollgate.spend_day',
  );
  console.log(
    `${Number(total).toLocaleString('en-US')} entries, by medians of ${ROUNDS} (asked: ${ASKED_MS} ms)`,
  );
  for (const [name, words] of asked) {
    const query: SumQuery = { by: [] as SumKey[], zone, window: ALL_TIME, where: [], ...words };
    const times: number[] = [];
    let groupCount = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const startAt = performance.now();
      groupCount = (await manager.readSums(query)).length;
      times.push(performance.now() - startAt);
    }
    console.log(`${name}: ${Math.round(median(times))} ms, ${groupCount} groups`);
  }
  await team.close();
} finally {
  await server.remove();
}
