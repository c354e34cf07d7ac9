// The contract of a report: which sums it reads, and which group each of them belongs to. Rule: groups are
// text and cover everything, so that the rows of any report add up to the same total.

import type { GroupSums, SumKey, ZoneDays } from '../domain/aggregates.ts';
import type { Window } from '../domain/time.ts';

/** What is shown for an unknown label. */
export const UNATTRIBUTED = '(unattributed)';

export type KeyValue = string | number | null;

/** What a report gets beside a sum. */
export interface Frame {
  readonly zone: ZoneDays;
  /** Every sum of the query, and for reports with `needsPast` all that was before its window, too. */
  readonly sums: readonly GroupSums[];
  /** The value of one of the keys of `reads` in a sum. */
  readonly read: (sum: GroupSums, key: SumKey) => KeyValue;
}

/** One way to divide spend. */
export interface Report {
  /** The word after `--by`, and the key in JSON. */
  readonly name: string;
  /** Heading of its column. */
  readonly title: string;
  /** Other words for it. */
  readonly aliases: readonly string[];
  /** What the ledger must be asked for. */
  readonly reads: readonly SumKey[];
  /** `time`: rows in order of time; `cost`: the most expensive first. */
  readonly order: 'time' | 'cost';
  /** Whether the groups inside a window depend on what was spent before it. */
  readonly needsPast?: true;
  /** The group of each sum. */
  readonly groups: (frame: Frame) => (sum: GroupSums) => string;
  /** Every value of the one key it reads is a group of its own, in the order of the keys or the most expensive first. */
  readonly isPlain?: true;
  /** Groups are long ids, of which people need only the beginning. */
  readonly isId?: true;
  /** What people call the group of an id, where they have a name for it. */
  readonly titleOf?: (group: string) => string | null;
  /** What `null` means here: `(unattributed)`, or a name such as `(main)`; absent for reports of time. */
  readonly nullName?: string;
  /** The time a group covers; absent for reports that are not of time. */
  readonly windowOf?: (group: string, zone: ZoneDays) => Window;
  /** Whether Claude Code has told when a group's window resets; absent: nothing is known of resets. */
  readonly isResetKnown?: (group: string) => boolean;
  /** The label it stands for, as `--where` needs it; absent where there is none to filter by. */
  readonly filters?: Exclude<SumKey, 'day' | 'hour' | 'utcHour'> | `label:${string}`;
}
