// Entries of a machine in the time of its team. Rule: what the team does not take is left out here, so that it holds nothing else up.
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { TeamKnowledge } from '../stores/store.ts';
import type { TeamEntry } from '../stores/team-store.ts';

/** What the team takes: partitions are by day. */
const OLDEST_MS = 399 * DAY_MS;
const AHEAD_MS = DAY_MS;

/**
 * Entries that the team takes. A clock that is wrong by days is put right; by less, the window alone is. What is sent once more is told as before,
 * whatever the clock shows by now: the team knows entries by their day.
 */
export function atTeamTime(
  entries: readonly TeamEntry[],
  { offsetMs, sendingOffsetMs, state }: TeamKnowledge,
  now: EpochMs,
) {
  const told = sendingOffsetMs ?? offsetMs;
  const shiftMs = Math.abs(told) > AHEAD_MS ? told : 0;
  const teamNow = now + offsetMs;
  const oldestAt = Math.max(teamNow - OLDEST_MS, state?.team.keptFromAt ?? 0);
  const fit = entries
    .map((entry) => ({ ...entry, occurredAt: entry.occurredAt + shiftMs }))
    .filter(({ occurredAt }) => occurredAt >= oldestAt && occurredAt <= teamNow + AHEAD_MS);
  return { fit, offsetMs: told - shiftMs };
}
