// Waiting near a ceiling: for the line of a response that is on its way into the transcript, or for others'
// requests to end and leave room. Rule: nothing is waited for inside a transaction, and nothing for long.
import type { Agent, AgentEvent } from '../agents/agent.ts';
import type { EpochMs } from '../domain/time.ts';
import { statOf } from '../runtime/files.ts';
import type { Store } from '../stores/store.ts';
import type { AllowedWaits, Wait } from './types.ts';

export interface WaitDeps {
  readonly agent: Agent;
  readonly store: Store;
  readonly config: { readonly waitMs: number };
  /** Sleeps, blocking; the clock that goes with it. */
  readonly wait: (ms: number) => void;
  readonly clock: () => EpochMs;
  /** See `GateDeps`. */
  readonly wakeTeam?: () => void;
}

/**
 * Others' requests last seconds. With the ledger's five this stays below the ten that the client gives a
 * hook; a halt a moment later is better than one for money that was only held.
 */
const ROOM_WAIT_MS = 4_000;
/** After its tools a response is complete, so its line is certain: only a machine under load lets one wait. */
const SURE_LINE_WAIT_MS = 2_000;
/** Money of the team is asked for once, in a second. */
const TEAM_WAIT_MS = 1_000;
const POLL_MS = 5;
/** Room is looked for less and less often: each look takes the ledger's lock. */
const FIRST_LOOK_MS = 20;
const LONGEST_LOOK_MS = 160;

/** Tries inside the ledger's transaction, again when there may be news, until an attempt gives something. */
export function retryUntilDecided<T extends object>(
  event: AgentEvent,
  deps: WaitDeps,
  startedAt: EpochMs,
  attempt: (now: EpochMs, allowedWaits: AllowedWaits) => T | Wait,
): T {
  const lineMs =
    event.moment === 'after-tools'
      ? Math.max(SURE_LINE_WAIT_MS, deps.config.waitMs)
      : deps.config.waitMs;
  const ends = {
    line: startedAt + lineMs,
    room: startedAt + ROOM_WAIT_MS,
    // From the first time on that nothing else is missing.
    team: deps.wakeTeam === undefined ? startedAt : Number.POSITIVE_INFINITY,
  };
  let lookMs = FIRST_LOOK_MS;
  // Most attempts are the only one: files are measured from the second on, which follows at once.
  let seenBytes = -1;
  for (let now = startedAt; ; now = deps.clock()) {
    const allowedWaits = { line: now < ends.line, room: now < ends.room, team: now < ends.team };
    const result = deps.store.immediately(() => attempt(now, allowedWaits));
    if (typeof result === 'object') return result;
    if (result === 'team') {
      deps.wakeTeam?.();
      ends.team = Math.min(ends.team, now + TEAM_WAIT_MS);
    }
    const until = result === 'line' ? ends.line : Math.min(ends[result], now + lookMs);
    if (result !== 'line') lookMs = Math.min(2 * lookMs, LONGEST_LOOK_MS);
    let bytes = transcriptBytes(event, deps);
    while (bytes === seenBytes && deps.clock() < until) {
      deps.wait(POLL_MS);
      bytes = transcriptBytes(event, deps);
    }
    seenBytes = bytes;
  }
}

function transcriptBytes({ transcriptPath }: AgentEvent, { agent }: WaitDeps): number {
  if (transcriptPath === null) return 0;
  return agent.transcriptFiles(transcriptPath).reduce((sum, { path }) => sum + sizeOf(path), 0);
}

/** What cannot be looked at is told by whoever reads it. */
const sizeOf = (path: string): number => statOf(path)?.size ?? 0;
