// Sessions by their transcripts alone, without reading those whole. Rule: what cannot be read is left out.
import { statSync } from 'node:fs';
import type { SessionId } from '../../../domain/ids.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { mainTranscripts, sessionIdOf } from '../paths.ts';
import { readHead } from './file-ends.ts';

export interface RecentSession {
  readonly sessionId: SessionId;
  readonly path: string;
  /** Time of its first line. */
  readonly startedAt: EpochMs;
  /** Folder it began in; `null` when no line near its beginning says so. */
  readonly cwd: string | null;
}

/** A session tells when and where it is within its first lines. */
const HEAD_BYTES = 64 * 1024;

/** Sessions below a folder whose first line is of this time or later. */
export function recentSessions(folder: string, sinceAt: EpochMs): readonly RecentSession[] {
  return mainTranscripts(folder).flatMap((path) => {
    const head = beginningOf(path, sinceAt);
    const startedAt = Date.parse(/"timestamp":\s*"([^"]+)"/.exec(head)?.[1] ?? '');
    if (!(startedAt >= sinceAt)) return [];
    const cwd = /"cwd":\s*("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
    return [
      {
        sessionId: sessionIdOf(path),
        path,
        startedAt,
        cwd: cwd === undefined ? null : (JSON.parse(cwd) as string),
      },
    ];
  });
}

/** The beginning of a file that was written to since; else ''. */
function beginningOf(path: string, sinceAt: EpochMs): string {
  try {
    const stat = statSync(path);
    // A pipe would be waited for.
    return stat.isFile() && stat.mtimeMs >= sinceAt ? readHead(path, HEAD_BYTES) : '';
  } catch {
    return ''; // only its subagents' files are left, or it is not ours to read
  }
}
