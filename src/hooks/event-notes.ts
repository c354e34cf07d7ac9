// What hooks note of each event they have answered, for the watchdog of their client. Rule: the watchdog makes the file; where
// there is none nothing is noted, and a note that cannot be written is missed by the watchdog, which is what it is for.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { AgentEvent, Moment } from '../agents/agent.ts';
import type { EpochMs } from '../domain/time.ts';

/** One answered event. */
export interface EventNote {
  readonly at: EpochMs;
  readonly moment: Moment;
  readonly sessionId: string;
  /** Empty in the main loop. */
  readonly agentId: string;
  /** The tools it was about. */
  readonly toolUseIds: readonly string[];
  /** The session's main transcript; empty when the agent did not name one. */
  readonly transcriptPath: string;
}

/** Where notes of a client's events are; `hostPid` is its process. */
export const notesFile = (stateHome: string, hostPid: number): string =>
  `${stateHome}/watchdog/${hostPid}.events`;

/** Notes an event, where a watchdog wants to know of it. */
export function noteEvent(
  event: AgentEvent,
  stateHome: string,
  hostPid: number | null,
  now: EpochMs,
): void {
  if (hostPid === null) return;
  const { moment, sessionId, agentId, tool, toolUseIds, transcriptPath } = event;
  const ids = tool?.useId ? [tool.useId] : toolUseIds;
  const fields = [now, moment, sessionId, agentId ?? '', ids, transcriptPath ?? ''];
  try {
    const handle = openSync(notesFile(stateHome, hostPid), constants.O_WRONLY | constants.O_APPEND);
    try {
      writeSync(handle, `${JSON.stringify(fields)}\n`);
    } finally {
      closeSync(handle);
    }
  } catch {
    // No watchdog, or no room: the watchdog finds an event missing.
  }
}

/** The notes in complete lines; what is no note is left out. */
export function parseNotes(text: string): readonly EventNote[] {
  return text.split('\n').flatMap((line) => {
    try {
      const [at, moment, sessionId, agentId, toolUseIds, transcriptPath] = JSON.parse(line);
      return [{ at, moment, sessionId, agentId, toolUseIds, transcriptPath }];
    } catch {
      return [];
    }
  });
}
