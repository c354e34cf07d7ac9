// The book of a made-up tree of transcripts: every request once, with what it cost, and what any report must say of it.
// Rule: apart from the product; prices are `billed.ts`'s, and time zones are the platform's own.
import { billedNanoUsd } from './billed.ts';
import type { ApiUsage } from './messages-api-stub.ts';

/** One request, as it was really made. */
export interface BookedRequest {
  /** The session that made it, whichever files repeat it. */
  readonly session: string;
  /** Epoch ms. */
  readonly at: number;
  readonly model: string;
  readonly usage: ApiUsage;
}

/** Ways to divide that both programs have. */
export type Grouping = 'day' | 'week' | 'month' | 'session' | 'block';

export const GROUPINGS: readonly Grouping[] = ['day', 'week', 'month', 'session', 'block'];

/** Nano-dollars by the name of the group: a date, a month, a session's id, a block's first instant. */
export type GroupTotals = Readonly<Record<string, number>>;

const BLOCK_MS = 5 * 3_600_000;
const HOUR_MS = 3_600_000;

/** What each group cost. Weeks begin on Monday and are named by it. */
export function totalsBy(
  grouping: Grouping,
  requests: readonly BookedRequest[],
  timeZone: string,
  /** Counts a request at the very instant a block ends to that block, as ccusage does. */
  endsInside = false,
): GroupTotals {
  const nameOf = namerOf(grouping, requests, timeZone, endsInside);
  const totals: Record<string, number> = {};
  for (const request of requests) {
    const name = nameOf(request);
    totals[name] = (totals[name] ?? 0) + billedNanoUsd([request]);
  }
  return totals;
}

function namerOf(
  grouping: Grouping,
  requests: readonly BookedRequest[],
  timeZone: string,
  endsInside: boolean,
): (request: BookedRequest) => string {
  // Sweden writes dates as ISO 8601 does.
  const days = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  const known = new Map<number, string>();
  const dayOf = ({ at }: BookedRequest): string => {
    const quarter = Math.floor(at / 900_000);
    const day = known.get(quarter) ?? days.format(at);
    known.set(quarter, day);
    return day;
  };
  switch (grouping) {
    case 'day':
      return dayOf;
    case 'week':
      return (request) => mondayOf(dayOf(request));
    case 'month':
      return (request) => dayOf(request).slice(0, 7);
    case 'session':
      return ({ session }) => session;
    case 'block': {
      const starts = blockStarts(
        requests.map(({ at }) => at),
        endsInside,
      );
      return ({ at }) => starts.get(at) ?? '';
    }
  }
}

function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

/** A block begins with the hour of its first request; the next one after five hours, or after a pause as long. */
function blockStarts(
  instants: readonly number[],
  endsInside: boolean,
): ReadonlyMap<number, string> {
  const starts = new Map<number, string>();
  let startAt = Number.NEGATIVE_INFINITY;
  let lastAt = Number.NEGATIVE_INFINITY;
  for (const at of [...instants].sort((a, b) => a - b)) {
    const isOver = endsInside ? at > startAt + BLOCK_MS : at >= startAt + BLOCK_MS;
    if (isOver || at - lastAt > BLOCK_MS) startAt = Math.floor(at / HOUR_MS) * HOUR_MS;
    starts.set(at, new Date(startAt).toISOString().replace(':00.000Z', 'Z'));
    lastAt = at;
  }
  return starts;
}
