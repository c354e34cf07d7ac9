// The hand-off note: where the work of a session stood when its budget ended it. Rule: the agent's own
// words and lists only, in a file for its owner alone; a note that cannot be written stops nothing.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HandOff } from '../domain/hand-off.ts';
import type { SessionId } from '../domain/ids.ts';
import { renameOver } from '../runtime/files.ts';

/** Where the note of a session is, whether or not there is one. */
export function handOffFile(stateHome: string, id: SessionId): string {
  // An id comes from outside: it must not lead anywhere else.
  return join(stateHome, 'hand-offs', `${basename(id).replace(/[^\w.-]/g, '_')}.json`);
}

/** Keeps a note, in place of an older one. */
export function writeHandOff(stateHome: string, note: HandOff): void {
  const file = handOffFile(stateHome, note.sessionId);
  const aside = `${file}.${process.pid}`;
  try {
    mkdirSync(join(stateHome, 'hand-offs'), { recursive: true, mode: 0o700 });
    writeFileSync(aside, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
    chmodSync(aside, 0o600);
    renameOver(aside, file);
  } catch {
    // The halt stands without it.
  }
}

/** The note of a session; `null` when there is none that can be read. */
export function readHandOff(stateHome: string, id: SessionId): HandOff | null {
  try {
    const note = JSON.parse(readFileSync(handOffFile(stateHome, id), 'utf8')) as Partial<HandOff>;
    if (note.schema !== 'tollgate/hand-off@1' || note.sessionId !== id) return null;
    if (!Array.isArray(note.openTodos) || !Array.isArray(note.filesTouched)) return null;
    return note as HandOff;
  } catch {
    return null;
  }
}
