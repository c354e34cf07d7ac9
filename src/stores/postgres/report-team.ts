// What reads must know of the team: where its days begin, and since when its entries are kept. Rule: what was removed is said, never left out.
import { DAY_MS, type EpochMs, type Window } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import type { Connection } from './connect.ts';

interface TeamFrame {
  readonly timeZone: string;
  /** Earlier entries were removed; their sums are there. */
  readonly keptFrom: EpochMs;
}

export async function readTeam(query: Connection['query']): Promise<TeamFrame> {
  const [row] = await query(
    "SELECT time_zone, kept_from - DATE '1970-01-01' AS kept_day FROM tollgate.team",
  );
  return { timeZone: String(row?.time_zone), keptFrom: Number(row?.kept_day) * DAY_MS };
}

/** Throws `TollgateError` `TEAM_PRUNED` where entries are needed that were removed. */
export function requireEntries(
  pieces: readonly { readonly grain: string; readonly window: Window }[],
  keptFrom: EpochMs,
): void {
  const isMissing = pieces.some(
    ({ grain, window }) => grain === 'entry' && window.startAt < keptFrom && keptFrom > 0,
  );
  if (!isMissing) return;
  const day = new Date(keptFrom).toISOString().slice(0, 10);
  throw new TollgateError({
    code: 'TEAM_PRUNED',
    message: `the team's entries before ${day} were removed; their sums by quarters of an hour and by days are there`,
    hint: `begin at --since ${day}, or at a whole day and without turns`,
  });
}
