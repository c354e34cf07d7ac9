// The order of a sync: chunks come out as planned, whoever scanned them and whenever.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_CARRY } from '../../../../src/agents/agent.ts';
import { sessionId } from '../../../../src/domain/ids.ts';
import type { SyncJob } from '../../../../src/ingest/sync/plan.ts';
import { syncQueue } from '../../../../src/ingest/sync/queue.ts';
import type { Chunk } from '../../../../src/ingest/sync/scan.ts';

const jobOf = (index: number, pendingBytes: number): SyncJob => ({
  file: { path: `${index}`, agentId: null },
  mainPath: `${index}`,
  start: {
    path: `${index}`,
    sessionId: sessionId('s'),
    agentId: null,
    ...{ inode: 0, offset: 0, before: null, writtenAt: null, carry: NO_CARRY },
  },
  pendingBytes,
  endsSession: true,
});
const chunkOf = (startOffset: number, hasMore: boolean, factCount = 1): Chunk => ({
  ...{ inode: 1, startOffset, offset: startOffset + 1, carry: NO_CARRY, hasMore, factCount },
  ...{ before: null, writtenAt: null, failure: null },
  forEachFact: () => {},
  release: () => {},
});

test('claims jobs of so many bytes together, and a large one alone', () => {
  const queue = syncQueue([1, 1, 9, 1].map((bytes, index) => jobOf(index, bytes)));
  const claimed = () => queue.claim(2).map(({ index }) => index);
  expect([claimed(), claimed(), claimed(), claimed()]).toEqual([[0, 1], [2], [3], []]);
  expect(queue.hasUnclaimed()).toBe(false);
});

test('gives out about so many facts, and counts those that wait', () => {
  const queue = syncQueue([0, 1, 2].map((index) => jobOf(index, 1)));
  for (const index of [0, 1, 2]) queue.add(index, chunkOf(0, false, 10));
  expect(queue.waitingFactCount()).toBe(30);
  const first = queue.takeReady(11);
  expect(first.map(({ job, chunk }) => [job.mainPath, chunk?.factCount])).toEqual([
    ['0', 10],
    ['0', undefined],
    ['1', 10],
  ]);
  expect([queue.waitingFactCount(), queue.isDone()]).toEqual([10, false]);
  queue.takeReady(100);
  expect([queue.waitingFactCount(), queue.isDone()]).toEqual([0, true]);
});

test('property: the order of the plan, in whatever order chunks come', () => {
  const chunkCounts = fc.array(fc.nat(3), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(chunkCounts, fc.infiniteStream(fc.nat()), (counts, picks) => {
      const queue = syncQueue(counts.map((_, index) => jobOf(index, 1)));
      // A job without a chunk is a file that is gone.
      const left = counts.map((count, index) => ({ index, next: 0, count: Math.max(count, 1) }));
      const out: string[] = [];
      while (left.length > 0) {
        const at = Number(picks.next().value) % left.length;
        const from = left[at];
        if (!from) break;
        const isGone = counts[from.index] === 0;
        queue.add(from.index, isGone ? null : chunkOf(from.next, from.next < from.count - 1));
        from.next += 1;
        if (from.next === from.count) left.splice(at, 1);
        for (const { job, chunk } of queue.takeReady(2)) {
          out.push(`${job.mainPath}:${chunk?.startOffset ?? 'end'}`);
        }
      }
      for (let ready = queue.takeReady(1); ready.length > 0; ready = queue.takeReady(1)) {
        for (const { job, chunk } of ready)
          out.push(`${job.mainPath}:${chunk?.startOffset ?? 'end'}`);
      }
      const planned = counts.flatMap((count, index) => [
        ...Array.from({ length: count }, (_, chunk) => `${index}:${chunk}`),
        `${index}:end`,
      ]);
      expect(out).toEqual(planned);
      expect(queue.isDone()).toBe(true);
    }),
  );
});
