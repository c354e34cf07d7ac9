// What a sync has to read: every transcript that is not where its checkpoint says. Rule: sessions in the order
// in which they began, so that a fork comes after the session it was forked from.
import type { Stats } from 'node:fs';
import {
  type Agent,
  NO_CARRY,
  type OnUnreadable,
  type TranscriptFile,
  type Unreadable,
} from '../../agents/agent.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { Checkpoint } from '../../stores/store.ts';
import { goesOn, statFile, unreadable } from '../file-position.ts';
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
  /** What could not be looked into; all else is in the plan. */
  readonly unreadable: readonly Unreadable[];
  /** Folders with no transcript below them. */
  readonly emptyFolders: readonly string[];
}

/** `checkpoints` are all there are, by path. */
export function planSync(
  folders: readonly string[],
  agent: Pick<Agent, 'mainTranscripts' | 'transcriptFiles' | 'sessionIdOf'>,
  checkpoints: ReadonlyMap<string, Checkpoint>,
): SyncPlan {
  const missed = new Map<string, Unreadable>();
  const onUnreadable: OnUnreadable = (each) => missed.set(each.path, each);
  const listed = folders.map((folder) => agent.mainTranscripts(folder, onUnreadable));
  const mains = [...new Set(listed.flat())];
  const listing: Listing = { agent, checkpoints, known: new Set(), onUnreadable };
  const sessions = mains
    .map((mainPath) => sessionOf(mainPath, listing))
    .filter(({ fileCount }) => fileCount > 0);
  const jobs = sessions.toSorted((a, b) => a.bornAt - b.bornAt).flatMap((session) => session.jobs);
  return {
    sessionCount: sessions.length,
    fileCount: sessions.reduce((sum, { fileCount }) => sum + fileCount, 0),
    jobs,
    pendingBytes: jobs.reduce((sum, job) => sum + job.pendingBytes, 0),
    unreadable: [...missed.values()],
    emptyFolders: folders.filter((_, index) => listed[index]?.length === 0),
  };
}

interface Listing {
  readonly agent: Pick<Agent, 'transcriptFiles' | 'sessionIdOf'>;
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** Files so far, by what the system knows them as: one may have several names. */
  readonly known: Set<string>;
  readonly onUnreadable: OnUnreadable;
}

interface PlannedSession {
  readonly bornAt: number;
  readonly fileCount: number;
  readonly jobs: readonly SyncJob[];
}

function sessionOf(mainPath: string, listing: Listing): PlannedSession {
  const sessionId = listing.agent.sessionIdOf(mainPath);
  const jobs: Omit<SyncJob, 'endsSession'>[] = [];
  let fileCount = 0;
  let bornAt = Number.POSITIVE_INFINITY;
  for (const file of listing.agent.transcriptFiles(mainPath, listing.onUnreadable)) {
    try {
      const stat = statFile(file.path);
      if (stat === null || isKnown(stat, listing.known)) continue;
      fileCount += 1;
      bornAt = Math.min(bornAt, stat.birthtimeMs || stat.mtimeMs);
      const job = jobOf(file, mainPath, sessionId, stat, listing.checkpoints.get(file.path));
      if (job !== null) jobs.push(job);
    } catch (error) {
      listing.onUnreadable(unreadable(file.path, error));
    }
  }
  return {
    bornAt,
    fileCount,
    jobs: jobs.map((job, index) => ({ ...job, endsSession: index === jobs.length - 1 })),
  };
}

/** Whether a file was there under another name; some file systems number theirs badly, so size and time must be the same too. */
function isKnown({ dev, ino, size, mtimeMs }: Stats, known: Set<string>): boolean {
  const key = `${dev} ${ino} ${size} ${mtimeMs}`;
  if (known.has(key)) return true;
  known.add(key);
  return false;
}

/** `null` when all of the file was read. */
function jobOf(
  file: TranscriptFile,
  mainPath: string,
  sessionId: SessionId,
  stat: Stats,
  checkpoint: Checkpoint | undefined,
): Omit<SyncJob, 'endsSession'> | null {
  const isSame = checkpoint !== undefined && goesOn(checkpoint, file.path, stat, null);
  if (isSame && checkpoint.offset === stat.size) return null;
  const known = checkpoint ?? NOT_READ;
  const start = { ...known, path: file.path, sessionId, agentId: file.agentId };
  return { file, mainPath, start, pendingBytes: stat.size - (isSame ? known.offset : 0) };
}

const NOT_READ = { inode: 0, offset: 0, before: null, writtenAt: null, carry: NO_CARRY };
