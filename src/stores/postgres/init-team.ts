// Makes a team in a database, and brings it up to date. Rule: all in one transaction, so that a team is there or it is not.
import type { PricingPolicy } from '../../pricing/policy.ts';
import type { RateCards, RateRow, Rates } from '../../pricing/rate-card.ts';
import type { Connection } from './connect.ts';
import { foundation, STEPS } from './migrations.ts';
import { literal, quoted, rolesOf, SCHEMA } from './names.ts';

export interface NewTeam {
  readonly name: string;
  /** IANA zone of its days. */
  readonly timeZone: string;
  /** Who makes it, for reports. */
  readonly developer: string;
}

/** `made`: there was none. */
export interface InitOutcome {
  readonly outcome: 'made' | 'upgraded' | 'unchanged';
  readonly version: number;
}

/** Makes the team, or upgrades the one that is there. Throws `TollgateError`. */
export function initTeam(
  database: string,
  team: NewTeam,
  rates: readonly Row[],
  webSearchPicoUsd: number,
  { multiplierPpm }: Pick<PricingPolicy, 'multiplierPpm'>,
  connection: Connection,
): Promise<InitOutcome> {
  const { query, inTransaction } = connection;
  return inTransaction(async () => {
    await query("SELECT pg_advisory_xact_lock(hashtext('tollgate init'))");
    const [found] = await query(
      `SELECT to_regclass('${SCHEMA}.migration') IS NOT NULL AS is_there`,
    );
    const isNew = found?.is_there !== true;
    const [who] = await query('SELECT session_user::text AS role');
    if (isNew) for (const statement of foundation(database)) await query(statement);
    else {
      await query(`SET LOCAL ROLE ${quoted(rolesOf(database).owner)}`);
      await query(`SET LOCAL search_path = ${SCHEMA}`);
    }
    const [row] = await query('SELECT coalesce(max(version), 0) AS version FROM migration');
    const before = Number(row?.version);
    for (let step = before; step < STEPS.length; step += 1) {
      await query(STEPS[step]?.(database) ?? '');
      await query('INSERT INTO migration (version) VALUES ($1)', [step + 1]);
    }
    if (isNew) {
      await query('INSERT INTO team (team_id, name, time_zone) VALUES (1, $1, $2)', [
        team.name,
        team.timeZone,
      ]);
      await query(
        `INSERT INTO member (role_name, kind, developer, state, invited_by, joined_at)
         VALUES ($1, 'manager', $2, 'joined', $1, now())`,
        [who?.role, team.developer],
      );
      await query('RESET ROLE');
      await query(`GRANT ${quoted(rolesOf(database).manager)} TO ${quoted(String(who?.role))}`);
    } else await query('RESET ROLE');
    await query(`SELECT ${SCHEMA}.set_rates($1, $2, $3)`, [
      JSON.stringify(rates),
      webSearchPicoUsd,
      multiplierPpm,
    ]);
    const outcome = isNew ? 'made' : before < STEPS.length ? 'upgraded' : 'unchanged';
    return { outcome, version: STEPS.length };
  });
}

/** The whole schema as text, for whoever wants to read it before it is made. */
export const schemaText = (database: string): string =>
  [
    ...foundation(database).map((each) => `${each};`),
    ...STEPS.map(
      (step, index) =>
        `-- Step ${index + 1}\n${step(database)};\nINSERT INTO migration (version) VALUES (${index + 1});`,
    ),
    `-- Then: INSERT INTO team (team_id, name, time_zone) VALUES (1, ${literal('name')}, ${literal('Europe/Berlin')});`,
  ].join('\n');

type Row = Readonly<Record<string, unknown>>;

const FOREVER = Number.MAX_SAFE_INTEGER;

/** Rate cards as rows of the table \`rate\`. */
export const rateRows = (cards: RateCards): Row[] =>
  cards.flatMap(({ rows }) =>
    rows.map(({ model, from, to, rates, fast, longPrompt }: RateRow) => ({
      model,
      from_at_ms: from === null ? 0 : Date.parse(from),
      to_at_ms: to === null ? FOREVER : Date.parse(to),
      ...columns(rates, ''),
      ...(fast === null ? {} : columns(fast, 'fast_')),
      ...(longPrompt === null
        ? {}
        : { long_above: longPrompt.aboveTokens, ...columns(longPrompt.rates, 'long_') }),
    })),
  );

const columns = (rates: Rates, prefix: string): Row => ({
  [`${prefix}input`]: rates.input,
  [`${prefix}output`]: rates.output,
  [`${prefix}cache_read`]: rates.cacheRead,
  [`${prefix}cache_write_5m`]: rates.cacheWrite5m,
  [`${prefix}cache_write_1h`]: rates.cacheWrite1h,
});
