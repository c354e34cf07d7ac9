// Which pull request the work on a branch belongs to. Rule: pure; only lines without one are labelled, and a branch
// that had several gives each line to the one that was closed next after it.
import type { LedgerLine } from '../domain/aggregates.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Move } from './relabel.ts';

/** A pull request of one repository. */
interface BranchPullRequest {
  readonly number: number;
  readonly branch: string;
  /** `null` while it is open. */
  readonly closedAt: EpochMs | null;
}

/** The pull request of work done at an instant; `null`: what there were had been closed before. */
function pullRequestAt(
  pullRequests: readonly BranchPullRequest[],
  branch: string,
  at: EpochMs,
): number | null {
  let found: BranchPullRequest | null = null;
  for (const each of pullRequests) {
    const endsAt = each.closedAt ?? Number.POSITIVE_INFINITY;
    if (each.branch !== branch || endsAt < at) continue;
    const best = found === null ? null : (found.closedAt ?? Number.POSITIVE_INFINITY);
    const isEarlier = best === null || endsAt < best;
    // Two that are open: the older one, as it was when the other was made.
    if (isEarlier || (endsAt === best && each.number < (found?.number ?? 0))) found = each;
  }
  return found?.number ?? null;
}

/** The lines of one repository that get a pull request. */
export function planPullRequests(
  lines: readonly LedgerLine[],
  pullRequests: readonly BranchPullRequest[],
): readonly Move[] {
  return lines.flatMap((line): Move[] => {
    const { branch, pullRequest } = line.attribution;
    if (branch === null || pullRequest !== null) return [];
    const number = pullRequestAt(pullRequests, branch, line.occurredAt);
    return number === null
      ? []
      : [{ line, to: { ...line.attribution, pullRequest: String(number) } }];
  });
}
