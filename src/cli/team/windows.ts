// Open windows of the team's budgets, and where they are heading. Rule: what counts in a window are the conditions of its budget and the values of
// its split, as the pool's key names them.
import { type SumCondition, UTC } from '../../domain/aggregates.ts';
import { burnRateOf, projectSpend, RECENT_MS } from '../../domain/burn-rate.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { TeamBudget, TeamPool, TeamStore } from '../../stores/team-store.ts';

/** A window for pages, in the shape of `windowJson`, which see. */
export async function teamWindowJson(
  pool: TeamPool,
  budget: TeamBudget | undefined,
  reads: Pick<TeamStore, 'readSums'>,
  now: EpochMs,
) {
  const { poolKey, window, ceilingNanoUsd, spentNanoUsd, heldNanoUsd } = pool;
  const recent = { startAt: Math.max(now - RECENT_MS, window.startAt), endAt: window.endAt };
  const where = conditionsOfPool(poolKey, budget);
  const [sum] = await reads.readSums({ by: [], zone: UTC, window: recent, where });
  const headroomNanoUsd = ceilingNanoUsd === null ? null : ceilingNanoUsd - spentNanoUsd;
  const burnNanoUsdPerHour = burnRateOf({
    ...{ spentNanoUsd: sum?.costNanoUsd ?? 0, beganAt: window.startAt, now },
  });
  return {
    budgetId: pool.budgetId,
    name: poolName(poolKey),
    windowKey: poolKey,
    window: poolName(poolKey),
    startAt: window.startAt > 0 ? window.startAt : null,
    endAt: Number.isFinite(window.endAt) ? window.endAt : null,
    period: budget?.period ?? 'day',
    mode: budget?.mode ?? 'enforce',
    softNanoUsd: budget?.softNanoUsd ?? null,
    hardNanoUsd: budget?.hardNanoUsd ?? null,
    ceilingNanoUsd,
    spendNanoUsd: spentNanoUsd,
    reservedNanoUsd: heldNanoUsd,
    grantedNanoUsd: pool.grantedNanoUsd,
    headroomNanoUsd,
    announced: [],
    sessionId: null,
    ...projectSpend({
      ...{ burnNanoUsdPerHour, headroomNanoUsd, requestNanoUsd: null },
      ...{ windowEndAt: window.endAt, now },
    }),
  };
}

/** The key of a pool for people: without the instant at its end. */
export const poolName = (poolKey: string): string =>
  poolKey.replace(/\|(day|week|month) \d+$/, ', this $1').replaceAll('|', ', ');

/** What an entry must have to count in a pool; the last part of its key is the window. */
export function conditionsOfPool(
  poolKey: string,
  budget: TeamBudget | undefined,
): readonly SumCondition[] {
  const where = Object.entries(budget?.where ?? {}).map(([key, pattern]) =>
    condition(key, pattern),
  );
  const keys = [...(budget?.per ?? [])].sort();
  const last = poolKey.lastIndexOf('|');
  const session = /^\|session (.+)$/.exec(poolKey.slice(last))?.[1];
  const split = keys.map((key, at) => {
    const from = poolKey.indexOf(`|${key}=`) + key.length + 2;
    const next = keys[at + 1];
    const to = next === undefined ? last : poolKey.indexOf(`|${next}=`, from);
    return condition(key, poolKey.slice(from, to));
  });
  return [...where, ...split, ...(session === undefined ? [] : [condition('session', session)])];
}

const condition = (key: string, pattern: string): SumCondition => ({
  key: key as SumCondition['key'],
  patterns: [pattern],
});
