// On which branch a request was made.
import type { RequestFact } from '../agents/agent.ts';
import type { Place } from '../attribution/source.ts';
import type { KnownHead } from './types.ts';

/**
 * The branch of a request's own moment. The agent stamps its lines up to a second late, so while a session is watched
 * its last event knows better; for lines from before, the stamp is all there is.
 */
export function requestBranch(
  { occurredAt, branch }: Pick<RequestFact, 'occurredAt' | 'branch'>,
  place: Place,
  head: KnownHead | null,
): string | null {
  const isWatched = head !== null && occurredAt >= head.since && place.worktree === null;
  if (isWatched && head.repository === place.repository && !place.isHeadUnknown) return head.branch;
  return branch === null || branch === 'HEAD' ? place.branch : branch;
}
