// A team's ledger in PostgreSQL. Rule: all that is written goes through functions of the schema, which know who asks.
import type { NanoUsd } from '../../domain/money.ts';
import type { EpochMs } from '../../domain/time.ts';
import type {
  Flushed,
  LeaseAnswer,
  TeamEntry,
  TeamGrant,
  TeamMember,
  TeamPool,
  TeamState,
  TeamStore,
} from '../team-store.ts';
import type { Connection, Row } from './connect.ts';
import { SCHEMA } from './names.ts';
import { reportReads } from './report-reads.ts';

/** Calls a function of the schema; values beside those of its types are cast by PostgreSQL. */
type Call = (name: string, values: readonly unknown[]) => Promise<unknown>;

export function openTeamStore(connection: Connection): TeamStore {
  const { query, close } = connection;
  const call: Call = async (name, values) => {
    const places = values.map((_value, index) => `$${index + 1}`).join(', ');
    const [row] = await query(`SELECT ${SCHEMA}.${name}(${places}) AS answer`, values);
    return row?.answer ?? null;
  };
  return {
    ...machineOperations(call),
    ...managerOperations(call),
    ...readings(query),
    ...reportReads(connection),
    join: async (verifier, machine) => {
      await call('join_team', [verifier, machine]);
    },
    leave: async () => Number(await call('leave_team', [])),
    close,
  };
}

const machineOperations = (call: Call) =>
  ({
    flush: async (entries, offsetMs) =>
      (await call('flush_entries', flushValues(entries, offsetMs))) as Flushed,
    takeLease: async (asked) => {
      const { budgetId, labels, sessionId, wantNanoUsd, needNanoUsd, known, askId, sentAt } = asked;
      const values = [budgetId, JSON.stringify(labels), sessionId, wantNanoUsd, needNanoUsd];
      const answer = (await call('take_lease', [
        ...[...values, known?.poolKey ?? null, known?.renewal ?? 0, askId, sentAt],
      ])) as LeaseAnswer;
      await call('wait_for_disk', []);
      return answer;
    },
    settleLease: async (poolKey, renewal) =>
      (await call('settle_lease', [poolKey, renewal])) as NanoUsd | null,
    pullState: async () => (await call('pull_state', [])) as TeamState,
  }) satisfies Partial<TeamStore>;

const managerOperations = (call: Call) =>
  ({
    invite: async ({ kind, developer, verifier, expiresAt }) =>
      String(
        await call('invite_member', [kind, developer, verifier, new Date(expiresAt).toISOString()]),
      ),
    revoke: async (role) => {
      await call('revoke_member', [role]);
    },
    reclaim: async (role) => Number(await call('reclaim_leases', [role])),
    setBudget: async ({ id, where, per, period, softNanoUsd, hardNanoUsd, mode }) => {
      const values = [id, JSON.stringify(where), per, period, softNanoUsd, hardNanoUsd, mode];
      await call('set_budget', values);
    },
    removeBudget: async (id) => (await call('remove_budget', [id])) === true,
    grant: async ({ budgetId, labels, sessionId, amountNanoUsd, reason }) => {
      const values = [budgetId, JSON.stringify(labels), sessionId, amountNanoUsd, reason];
      return String(await call('grant_more', values));
    },
    kill: async (kind, value, reason) => {
      await call('kill_spending', [kind, value, reason]);
    },
    liftKill: async (kind, value) => (await call('lift_kill', [kind, value])) === true,
    prune: async (day) => Number(await call('prune_entries', [day])),
    setOffline: async (mode) => {
      await call('set_offline', [mode]);
    },
  }) satisfies Partial<TeamStore>;

const readings = (query: Connection['query']) =>
  ({
    readMembers: async () =>
      (
        await query(`SELECT role_name, kind, developer, machine, state,
          (extract(epoch FROM greatest(seen_at, joined_at)) * 1000)::bigint AS seen_at_ms,
          coalesce((SELECT sum(outstanding_nano_usd) FROM ${SCHEMA}.lease
            WHERE lease.member_id = member.member_id), 0)::bigint AS held
          FROM ${SCHEMA}.member ORDER BY member_id`)
      ).map(toMember),
    readPools: async (limit) =>
      (
        await query(
          `SELECT pool.*, hard_nano_usd + granted_nano_usd AS ceiling,
           coalesce((SELECT sum(outstanding_nano_usd) FROM ${SCHEMA}.lease WHERE lease.pool_key = pool.pool_key), 0)::bigint AS held
           FROM (
             SELECT pool.*, hard_nano_usd FROM ${SCHEMA}.pool LEFT JOIN ${SCHEMA}.budget USING (budget_id)
             WHERE end_at_ms > extract(epoch FROM now()) * 1000
             ORDER BY committed_nano_usd::float / nullif(hard_nano_usd + granted_nano_usd, 0) DESC NULLS LAST, pool_key LIMIT $1
           ) AS pool`,
          [limit],
        )
      ).map(toPool),
    readGrants: async (sinceAt) => {
      const [may] = await query(
        `SELECT has_table_privilege('${SCHEMA}.grant_line', 'SELECT') AS may`,
      );
      if (may?.may !== true) return [];
      const rows = await query(
        `SELECT pool_key, amount_nano_usd, reason,
          coalesce((SELECT developer FROM ${SCHEMA}.member WHERE role_name = author), author) AS author, (extract(epoch FROM at) * 1000)::bigint AS at_ms
         FROM ${SCHEMA}.grant_line WHERE at >= to_timestamp($1::bigint / 1000.0) ORDER BY grant_seq DESC`,
        [sinceAt],
      );
      return rows.map(toGrant);
    },
    readTotals: async () => {
      const [row] = await query(`SELECT coalesce(sum(request_count), 0)::bigint AS requests,
        coalesce(sum(cost_nano_usd), 0)::bigint AS cost,
        (SELECT count(*) FROM ${SCHEMA}.entry WHERE flag IS NOT NULL) AS flags FROM ${SCHEMA}.spend_day`);
      return {
        requestCount: Number(row?.requests),
        costNanoUsd: Number(row?.cost),
        flaggedCount: Number(row?.flags),
      };
    },
  }) satisfies Partial<TeamStore>;

/** Columns as PostgreSQL spells lists, and labels once each. */
function flushValues(entries: readonly TeamEntry[], offsetMs: number): readonly unknown[] {
  const places = new Map<string, number>();
  // Most entries share the very object with the one before.
  let latest: TeamEntry['attribution'] | null = null;
  let latestPlace = 0;
  const labels = entries.map(({ attribution }) => {
    if (attribution === latest) return latestPlace;
    const text = JSON.stringify(attribution);
    latest = attribution;
    latestPlace = places.get(text) ?? places.size;
    places.set(text, latestPlace);
    return latestPlace;
  });
  const numbers = (of: (entry: TeamEntry) => number | null): string =>
    `{${entries.map((entry) => of(entry) ?? 'NULL').join(',')}}`;
  const texts = (of: (entry: TeamEntry) => string | null): string =>
    `{${entries.map((entry) => textItem(of(entry))).join(',')}}`;
  return [
    `[${[...places.keys()].join(',')}]`,
    offsetMs,
    texts(({ entryId }) => entryId),
    texts(({ reason }) => reason),
    texts(({ sessionId }) => sessionId),
    texts(({ agentId }) => agentId),
    texts(({ turnId }) => turnId),
    `{${labels.join(',')}}`,
    numbers(({ occurredAt }) => occurredAt),
    numbers(({ recordedAt }) => recordedAt),
    numbers(({ usage }) => usage.inputTokens),
    numbers(({ usage }) => usage.outputTokens),
    numbers(({ usage }) => usage.cacheReadTokens),
    numbers(({ usage }) => usage.cacheWrite5mTokens),
    numbers(({ usage }) => usage.cacheWrite1hTokens),
    numbers(({ usage }) => usage.webSearchCount),
    numbers(({ costNanoUsd }) => costNanoUsd),
    numbers(({ requestCount }) => requestCount),
    texts(({ provenance }) => provenance),
    numbers(({ unknownModelCount }) => unknownModelCount),
    numbers(({ isInterrupted }) => (isInterrupted ? 1 : 0)),
    numbers(({ responseKey }) => responseKey),
  ];
}

const textItem = (text: string | null): string =>
  text === null ? 'NULL' : `"${text.replace(/[\\"]/g, '\\$&')}"`;

const toMember = (row: Row): TeamMember => ({
  role: String(row.role_name),
  kind: row.kind as TeamMember['kind'],
  developer: String(row.developer),
  machine: row.machine === null ? null : String(row.machine),
  state: row.state as TeamMember['state'],
  seenAt: row.seen_at_ms === null ? null : (Number(row.seen_at_ms) as EpochMs),
  heldNanoUsd: Number(row.held),
});

const toPool = (row: Row): TeamPool => ({
  poolKey: String(row.pool_key),
  budgetId: String(row.budget_id),
  window: {
    startAt: Number(row.start_at_ms),
    endAt: isForever(row.end_at_ms) ? Number.POSITIVE_INFINITY : Number(row.end_at_ms),
  },
  ceilingNanoUsd: row.ceiling === null ? null : Number(row.ceiling),
  grantedNanoUsd: Number(row.granted_nano_usd),
  spentNanoUsd: Number(row.committed_nano_usd) - Number(row.held),
  heldNanoUsd: Number(row.held),
});

const isForever = (endAt: unknown): boolean => Number(endAt) === Number.MAX_SAFE_INTEGER;

const toGrant = (row: Row): TeamGrant => ({
  poolKey: String(row.pool_key),
  amountNanoUsd: Number(row.amount_nano_usd),
  reason: row.reason === null ? null : String(row.reason),
  author: String(row.author),
  at: Number(row.at_ms),
});
