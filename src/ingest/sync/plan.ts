// What a sync has to read: every transcript that is not where its checkpoint says. Rule: sessions in the order
// in which they began, so that a fork comes after the session it was forked from.
import { type Stats, statSync } from 'node:fs';
import { type Agent, NO_CARRY, type TranscriptFile } from '../../agents/agent.ts';
import type { Store } from '../../stores/store.ts';
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

export function planSync(
  folders: readonly string[],
  agent: Pick<Agent, 'mainTranscripts' | 'transcriptFiles'>,
  store: Pick<Store, 'readCheckpoint'>,
): SyncPlan {
  const mains = [...new Set(folders.flatMap((folder) => agent.mainTranscripts(folder)))];
  let fileCount = 0;
  let pendingBytes = 0;
  const sessions: { readonly bornAt: number; readonly jobs: SyncJob[] }[] = [];
  for (const mainPath of mains) {
    const found: Omit<SyncJob, 'endsSession'>[] = [];
    let bornAt = Number.POSITIVE_INFINITY;
    for (const file of agent.transcriptFiles(mainPath)) {
      const stat = statOf(file.path);
      if (!stat) continue;
      fileCount += 1;
      bornAt = Math.min(bornAt, stat.birthtimeMs || stat.mtimeMs);
      const known = store.readCheckpoint(file.path);
      const isSame = known?.inode === stat.ino && known.offset <= stat.size;
      if (isSame && known.offset === stat.size) continue;
      found.push({
        file,
        mainPath,
        start: {
          path: file.path,
          inode: known?.inode ?? 0,
          offset: known?.offset ?? 0,
          carry: known?.carry ?? NO_CARRY,
        },
        pendingBytes: stat.size - (isSame ? known.offset : 0),
      });
    }
    if (found.length === 0) continue;
    const jobs = found.map((job, index) => ({ ...job, endsSession: index === found.length - 1 }));
    for (const job of jobs) pendingBytes += job.pendingBytes;
    sessions.push({ bornAt, jobs });
  }
  sessions.sort((a, b) => a.bornAt - b.bornAt);
  return {
    sessionCount: mains.length,
    fileCount,
    jobs: sessions.flatMap(({ jobs }) => jobs),
    pendingBytes,
  };
}

function statOf(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}
