// Sessions of the whole team, for views of what is going on. Rule: figures are sums of the team's ledger, as `report --team` has them.
import { type GroupSums, type SumKey, type SumQuery, UTC } from '../../domain/aggregates.ts';
import { shortId } from '../../domain/ids.ts';
import { formatUsd, type NanoUsd, toUsdNumber } from '../../domain/money.ts';
import { ALL_TIME, type EpochMs, HOUR_MS, spanText } from '../../domain/time.ts';
import { printable } from '../../reports/formats/width.ts';
import type { ReportReads } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { numberColumn, table, textColumn } from '../tables.ts';

export interface TeamSession {
  readonly sessionId: string;
  /** Labels of its newest entries; `null`: unknown. */
  readonly developer: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly model: string | null;
  readonly requestCount: number;
  readonly costNanoUsd: NanoUsd;
  /** In the last hour. */
  readonly burnNanoUsdPerHour: NanoUsd;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

const LABELS: readonly SumKey[] = ['session', 'developer', 'repository', 'branch', 'model'];

/** Sessions that have spent something since then, the newest first. */
export async function readTeamSessions(
  reads: ReportReads,
  sinceAt: EpochMs,
  limit: number,
  now: EpochMs,
): Promise<readonly TeamSession[]> {
  const newest = [...(await reads.readSums(since(sinceAt)))]
    .sort((a, b) => b.lastAt - a.lastAt)
    .slice(0, limit)
    .map(({ key }) => String(key[0]));
  return readSessionsNamed(reads, newest, now);
}

/** These sessions, in this order; what has spent nothing is left out. */
export async function readSessionsNamed(
  reads: ReportReads,
  ids: readonly string[],
  now: EpochMs,
): Promise<readonly TeamSession[]> {
  const where = [{ key: 'session' as const, patterns: ids }];
  const all = await reads.readSums({ by: LABELS, zone: UTC, window: ALL_TIME, where });
  const ofHour = await reads.readSums({ ...since(now - HOUR_MS), where });
  const burn = new Map(ofHour.map(({ key, costNanoUsd }) => [key[0], costNanoUsd]));
  const parts = new Map<string, GroupSums[]>();
  for (const part of all) {
    const id = String(part.key[0]);
    const known = parts.get(id);
    if (known === undefined) parts.set(id, [part]);
    else known.push(part);
  }
  return ids.flatMap((id) => {
    const own = parts.get(id);
    return own === undefined ? [] : [toSession(id, own, burn.get(id) ?? 0)];
  });
}

const since = (startAt: EpochMs): SumQuery => ({
  ...{ by: ['session'], zone: UTC, where: [] },
  window: { ...ALL_TIME, startAt },
});

function toSession(id: string, parts: readonly GroupSums[], burn: NanoUsd): TeamSession {
  const newest = parts.toSorted((a, b) => b.lastAt - a.lastAt)[0];
  const label = (key: SumKey) => {
    const value = newest?.key[LABELS.indexOf(key)] ?? null;
    return value === null ? null : String(value);
  };
  const sum = (of: (part: GroupSums) => number) =>
    parts.reduce((total, part) => total + of(part), 0);
  return {
    sessionId: id,
    ...{ developer: label('developer'), repository: label('repository') },
    ...{ branch: label('branch'), model: label('model') },
    requestCount: sum(({ requestCount }) => requestCount),
    costNanoUsd: sum(({ costNanoUsd }) => costNanoUsd),
    burnNanoUsdPerHour: burn,
    firstAt: Math.min(...parts.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...parts.map(({ lastAt }) => lastAt)),
  };
}

export const teamSessionJson = (session: TeamSession) => ({
  ...session,
  costUsd: toUsdNumber(session.costNanoUsd),
});

/** A table, or a line that says that there is none. */
export function teamSessionLines(
  sessions: readonly TeamSession[],
  now: EpochMs,
  context: CliContext,
): readonly string[] {
  if (sessions.length === 0) return ['No session of the team has spent anything lately.'];
  const column = (cellOf: (session: TeamSession) => string) => sessions.map(cellOf);
  const place = ({ repository, branch }: TeamSession) =>
    [repository?.split('/').slice(-2).join('/'), branch].filter(Boolean).join(' @ ');
  return table(context, [
    textColumn(
      'Session',
      column(({ sessionId }) => shortId(sessionId)),
    ),
    textColumn(
      'Developer',
      column(({ developer }) => printable(developer ?? '')),
    ),
    textColumn(
      'Repository @ branch',
      column((session) => printable(place(session) || '(no repository)')),
    ),
    textColumn(
      'Model',
      column(({ model }) => printable(model ?? '')),
    ),
    numberColumn(
      'Cost',
      column(({ costNanoUsd }) => formatUsd(costNanoUsd)),
    ),
    numberColumn(
      'Last hour',
      column(({ burnNanoUsdPerHour }) => formatUsd(burnNanoUsdPerHour)),
    ),
    numberColumn(
      'Requests',
      column(({ requestCount }) => String(requestCount)),
    ),
    numberColumn(
      'Last seen',
      column(({ lastAt }) => `${spanText(now - lastAt)} ago`),
    ),
  ]);
}
