// The title of a session: the one a person gave it, else the one Claude Code made. Rule: only the end and the beginning
// of a transcript are read, as Claude Code itself does for its list of sessions.
// Source: Claude Code 2.1.330, lines `custom-title` and `ai-title`, read 2026-11-28.
import { readHead, readTail } from './file-ends.ts';

const PART_BYTES = 64 * 1024;
const TITLES = [
  /"type":"custom-title","customTitle":("(?:[^"\\]|\\.)*")/g,
  /"type":"ai-title","aiTitle":("(?:[^"\\]|\\.)*")/g,
];

/** The title; `null` where the session has none, or the transcript cannot be read. */
export function readSessionTitle(path: string): string | null {
  try {
    const parts = [readTail(path, PART_BYTES), readHead(path, PART_BYTES)];
    for (const pattern of TITLES) {
      for (const part of parts) {
        const last = [...part.matchAll(pattern)].at(-1)?.[1];
        const title = last === undefined ? '' : String(JSON.parse(last)).trim();
        if (title !== '') return title;
      }
    }
  } catch {
    // A title is a convenience.
  }
  return null;
}
