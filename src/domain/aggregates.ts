// Entries added up: what reports ask a ledger for, and what it answers. Rule: sums by any keys are sums of the
// same entries, so they add up to the same total.
import type { Attribution } from './attribution.ts';
import type { Provenance } from './entry.ts';
import type { AgentId, SessionId, TurnId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import type { EpochMs, Window } from './time.ts';
import { addUsage, NO_USAGE, type Usage } from './usage.ts';

/** What entries can be summed by. `day` and `hour` are of a zone, `utcHour` is not. */
export type SumKey =
  | 'day'
  | 'hour'
  | 'utcHour'
  | 'session'
  | 'turn'
  | 'provenance'
  | keyof Attribution;

/** How far a zone is ahead of UTC from an instant on; the first of a list holds before its instant, too. */
export interface ZoneShift {
  readonly fromAt: EpochMs;
  readonly shiftMs: number;
}

/** Days and hours as one zone has them; shifts ascend. */
export interface ZoneDays {
  readonly timeZone: string;
  readonly shifts: readonly ZoneShift[];
}

/** For sums that no zone divides. */
export const UTC: ZoneDays = { timeZone: 'UTC', shifts: [{ fromAt: 0, shiftMs: 0 }] };

/** How far the zone is ahead of UTC at an instant. */
export function shiftAt({ shifts }: ZoneDays, at: EpochMs): number {
  return (shifts.findLast(({ fromAt }) => fromAt <= at) ?? shifts[0])?.shiftMs ?? 0;
}

/** Keeps entries whose value matches one of the patterns (`*`, `?`); `null` is a label nobody knows. */
export interface SumCondition {
  /** `label:team` is the free label `team`. */
  readonly key: Exclude<SumKey, 'day' | 'hour' | 'utcHour'> | `label:${string}`;
  readonly patterns: readonly (string | null)[];
}

export interface SumQuery {
  /** Empty: one sum of everything. */
  readonly by: readonly SumKey[];
  readonly zone: ZoneDays;
  /** Open ends are infinite. */
  readonly window: Window;
  /** All must hold. */
  readonly where: readonly SumCondition[];
}

/** Entries added up. */
export interface Sums {
  readonly requestCount: number;
  /** Requests to models without a price. */
  readonly unknownCount: number;
  readonly costNanoUsd: NanoUsd;
  readonly usage: Usage;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/** Of no entry. */
export const NO_SUMS: Sums = {
  requestCount: 0,
  unknownCount: 0,
  costNanoUsd: 0,
  usage: NO_USAGE,
  firstAt: Number.POSITIVE_INFINITY,
  lastAt: Number.NEGATIVE_INFINITY,
};

export function addSums(a: Sums, b: Sums): Sums {
  return {
    requestCount: a.requestCount + b.requestCount,
    unknownCount: a.unknownCount + b.unknownCount,
    costNanoUsd: a.costNanoUsd + b.costNanoUsd,
    usage: addUsage(a.usage, b.usage),
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
  };
}

/** A group whose entries were all moved elsewhere holds nothing. */
export const holdsSomething = ({ requestCount, unknownCount, costNanoUsd, usage }: Sums): boolean =>
  [requestCount, unknownCount, costNanoUsd, ...Object.values(usage)].some((count) => count !== 0);

/** One group of a query. `day` is days since 1970 in the zone, `hour` and `utcHour` the instant they begin. */
export interface GroupSums extends Sums {
  /** In the order of `SumQuery.by`. */
  readonly key: readonly (string | number | null)[];
}

/** `cost`: the dearest first, equally dear ones by name; `key`: as the one key ascends. */
export type RankOrder = 'cost' | 'key';

/** Sums by one key in their order, each made when it is asked for: there may be a million. */
export interface RankedSums {
  readonly groupCount: number;
  readonly total: Sums;
  /** From 0 on. */
  readonly at: (rank: number) => GroupSums;
  /** From one rank up to, and without, another. */
  readonly totalBetween: (from: number, to: number) => Sums;
}

/** An entry as it counts now. */
export interface LedgerLine {
  readonly entryId: string;
  readonly kind: 'usage' | 'correction';
  readonly reason: string | null;
  readonly sessionId: SessionId;
  readonly agentId: AgentId | null;
  readonly turnId: TurnId | null;
  readonly occurredAt: EpochMs;
  readonly usage: Usage;
  readonly costNanoUsd: NanoUsd;
  readonly provenance: Provenance;
  /** The labels it counts under: those of its last re-labelling, else its own. */
  readonly attribution: Attribution;
  /** The labels it was recorded with. */
  readonly recordedAttribution: Attribution;
}
