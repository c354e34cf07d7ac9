// The hand-off note: where the work of a session stood when its budget ended it, and its wording.
import type { Work } from '../agents/agent.ts';
import type { SessionId } from './ids.ts';
import { formatUsd, type NanoUsd } from './money.ts';
import type { EpochMs } from './time.ts';

/** A note as it is kept. */
export interface HandOff extends Work {
  readonly schema: 'tollgate/hand-off@1';
  readonly sessionId: SessionId;
  readonly writtenAt: EpochMs;
  readonly costNanoUsd: NanoUsd;
  /** The budget that ended it, with its window; `null` when the turn ended by itself near the end. */
  readonly budget: string | null;
}

/** The note for whoever goes on: the model at a resume, or a person. */
export function handOffText(note: HandOff): string {
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `- ${item}`)];
  return [
    `Hand-off from ${new Date(note.writtenAt).toISOString()}: this session had spent ` +
      `${formatUsd(note.costNanoUsd)}${note.budget === null ? '' : ` and was ended by ${note.budget}`}.`,
    ...(note.lastWords === null ? [] : ['Last words:', note.lastWords]),
    ...list('Still to do', note.openTodos),
    ...list('Files written', note.filesTouched),
  ].join('\n');
}
