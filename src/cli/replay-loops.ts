// The part of `tollgate replay` about circuit breakers: transcripts of past sessions are read, as far as they are still there.
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { LedgerLine } from '../domain/aggregates.ts';
import { evidenceText } from '../domain/explain-breaker.ts';
import { shortId } from '../domain/ids.ts';
import { formatUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import { type PastThread, type ReplayedBreaker, replayBreakers } from '../gate/replay-breakers.ts';
import { plural } from '../reports/formats/figures.ts';
import type { Store } from '../stores/store.ts';
import { agent, readThreadSteps } from '../wire.ts';

const SHOWN_COUNT = 5;

/** What was found, and how many sessions no transcript tells of any more. */
export interface ReplayedLoops {
  readonly sessionCount: number;
  readonly goneCount: number;
  readonly breakers: readonly ReplayedBreaker[];
}

/** Replays the sessions that were seen since an instant; `session`: only those whose id begins so. */
export function replayLoops(
  lines: readonly LedgerLine[],
  sinceAt: EpochMs,
  session: string,
  store: Store,
  config: Config,
): ReplayedLoops {
  const sessions = store
    .readSessions({ sinceAt })
    .filter(({ sessionId }) => sessionId.startsWith(session));
  const threads: PastThread[] = [];
  let goneCount = 0;
  for (const { sessionId, transcriptPath } of sessions) {
    const found = transcriptPath === null ? [] : threadsOf(transcriptPath);
    if (found.length === 0) goneCount += 1;
    threads.push(...found.map((each) => ({ ...each, sessionId })));
  }
  const sessionCount = sessions.length - goneCount;
  return { sessionCount, goneCount, breakers: replayBreakers(threads, lines, config.breakers) };
}

function threadsOf(mainPath: string): Omit<PastThread, 'sessionId'>[] {
  return agent.transcriptFiles(mainPath).flatMap(({ path, agentId: of }) => {
    try {
      return [{ agentId: of, steps: readThreadSteps(readFileSync(path, 'utf8')) }];
    } catch {
      return []; // counted as gone where nothing else is left
    }
  });
}

/** What is told of it. */
export function loopLines({ breakers, sessionCount, goneCount }: ReplayedLoops): string[] {
  const gone = goneCount === 0 ? '' : `; ${plural(goneCount, 'session')} without a transcript`;
  return [
    '',
    `Circuit breakers in ${plural(sessionCount, 'session')}${gone}:`,
    ...breakers.flatMap(({ breaker, mode, tripCount, sessionCount: count, trips }) => [
      `  ${breaker.padEnd(20)}  ${mode.padEnd(7)}  ${tripCount === 0 ? 'would not have tripped' : `${plural(tripCount, 'trip')} in ${plural(count, 'session')}`}`,
      ...trips
        .slice(0, SHOWN_COUNT)
        .map(
          (trip) =>
            `    session ${shortId(trip.sessionId)}: ${evidenceText(trip)}; ${formatUsd(trip.laterNanoUsd)} spent afterwards`,
        ),
      ...(trips.length > SHOWN_COUNT
        ? [`    … and ${trips.length - SHOWN_COUNT} more (--json)`]
        : []),
    ]),
  ];
}
