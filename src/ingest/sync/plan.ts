// What a sync has to read: every transcript that is not where its checkpoint says. Rule: sessions in the order
// in which they began, so that a fork comes after the session it was forked from.
import { type Stats, statSync } from 'node:fs';
import { type Agent, NO_CARRY, type TranscriptFile } from '../../agents/agent.ts';
import type { Checkpoint } from '../../stores/store.ts';
import type { ChunkStart } from './scan.ts';

/** One file to read on. */
export interface SyncJob {
  readonly file: TranscriptFile;
  /** The main transcript of its session. */
  readonly mainPath: string;
  readonly start: ChunkStart;
  /** Bytes that lie after `start`. */
  readonly pendingBytes: number;
  /** No other file of this session comes after it. */
  readonly endsSession: boolean;
}

/** What is there, and what of it is new. */
export interface SyncPlan {
  readonly sessionCount: number;
  readonly fileCount: number;
  readonly jobs: readonly SyncJob[];
  readonly pendingBytes: number;
}

/** `checkpoints` are all there are, by path. */
export function planSync(
  folders: readonly string[],
  agent: Pick<Agent, 'mainTranscripts' | 'transcriptFiles' | 'sessionIdOf'>,
  checkpoints: ReadonlyMap<string, Checkpoint>,
): SyncPlan {
  const mains = [...new Set(folders.flatMap((folder) => agent.mainTranscripts(folder)))];
  const sessions = mains.map((mainPath) => sessionOf(mainPath, agent, checkpoints));
  const jobs = sessions.toSorted((a, b) => a.bornAt - b.bornAt).flatMap((session) => session.jobs);
  return {
    sessionCount: mains.length,
    fileCount: sessions.reduce((sum, { fileCount }) => sum + fileCount, 0),
    jobs,
    pendingBytes: jobs.reduce((sum, job) => sum + job.pendingBytes, 0),
  };
}

interface PlannedSession {
  readonly bornAt: number;
  readonly fileCount: number;
  readonly jobs: readonly SyncJob[];
}

function sessionOf(
  mainPath: string,
  agent: Pick<Agent, 'transcriptFiles' | 'sessionIdOf'>,
  checkpoints: ReadonlyMap<string, Checkpoint>,
): PlannedSession {
  const jobs: Omit<SyncJob, 'endsSession'>[] = [];
  let fileCount = 0;
  let bornAt = Number.POSITIVE_INFINITY;
  for (const file of agent.transcriptFiles(mainPath)) {
    const stat: Stats | undefined = statSync(file.path, { throwIfNoEntry: false });
    if (!stat) continue;
    fileCount += 1;
    bornAt = Math.min(bornAt, stat.birthtimeMs || stat.mtimeMs);
    const known = checkpoints.get(file.path);
    const isSame = known?.inode === stat.ino && known.offset <= stat.size;
    if (isSame && known.offset === stat.size) continue;
    const { inode = 0, offset = 0, carry = NO_CARRY } = known ?? {};
    const owner = { sessionId: agent.sessionIdOf(mainPath), agentId: file.agentId };
    const start = { path: file.path, ...owner, inode, offset, carry };
    const pendingBytes = stat.size - (isSame ? known.offset : 0);
    jobs.push({ file, mainPath, start, pendingBytes });
  }
  return {
    bornAt,
    fileCount,
    jobs: jobs.map((job, index) => ({ ...job, endsSession: index === jobs.length - 1 })),
  };
}
