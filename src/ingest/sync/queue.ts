// The jobs of a sync in order: which are scanned next, and what is ready to be recorded. Rule: chunks come out in the order
// of the plan, whoever scanned them and whenever.
import type { SyncJob } from './plan.ts';
import type { Chunk, ChunkStart } from './scan.ts';

/** A job that somebody scans, and where to go on with it. */
export interface Claim {
  readonly index: number;
  readonly start: ChunkStart;
}

/** A chunk to record; `null` says that the job has no more of them. */
export interface ReadyChunk {
  readonly job: SyncJob;
  readonly chunk: Chunk | null;
}

export interface SyncQueue {
  /** The next jobs to scan, of about so many bytes together; at least one while there are any. */
  readonly claim: (bytes: number) => readonly Claim[];
  readonly hasUnclaimed: () => boolean;
  /** Takes a scanned chunk in; `null` for a file that is gone. */
  readonly add: (index: number, chunk: Chunk | null) => void;
  /** What is to be recorded next, of about so many facts; empty while the next chunk is not scanned. */
  readonly takeReady: (factCount: number) => readonly ReadyChunk[];
  /** Facts that are scanned and not taken. */
  readonly waitingFactCount: () => number;
  /** Whether everything is taken. */
  readonly isDone: () => boolean;
}

export function syncQueue(jobs: readonly SyncJob[]): SyncQueue {
  const scanned = jobs.map(() => ({ chunks: [] as Chunk[], isComplete: false }));
  let claimed = 0;
  let taken = 0;
  let waitingFactCount = 0;

  return {
    claim: (bytes) => {
      const claims: Claim[] = [];
      for (let left = bytes; claimed < jobs.length; claimed += 1) {
        const job = jobs[claimed];
        if (!job || (claims.length > 0 && job.pendingBytes > left)) break;
        left -= job.pendingBytes;
        claims.push({ index: claimed, start: job.start });
      }
      return claims;
    },
    hasUnclaimed: () => claimed < jobs.length,
    add: (index, chunk) => {
      const at = scanned[index];
      if (!at) return;
      if (chunk) at.chunks.push(chunk);
      at.isComplete = !chunk?.hasMore;
      waitingFactCount += chunk?.factCount ?? 0;
    },
    takeReady: (factCount) => {
      const ready: ReadyChunk[] = [];
      let left = factCount;
      for (let job = jobs[taken]; job && left > 0; job = jobs[taken]) {
        const at = scanned[taken];
        const chunk = at?.chunks.shift();
        if (chunk) {
          ready.push({ job, chunk });
          left -= chunk.factCount;
          waitingFactCount -= chunk.factCount;
        } else if (at?.isComplete) {
          ready.push({ job, chunk: null });
          taken += 1;
        } else {
          break;
        }
      }
      return ready;
    },
    waitingFactCount: () => waitingFactCount,
    isDone: () => taken >= jobs.length,
  };
}
