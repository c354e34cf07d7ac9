// `tollgate sync` as people run it: the whole machine at once, on threads, broken off and taken up again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { claudeCode } from '../../src/agents/claude-code/claude-code.ts';
import { NOWHERE } from '../../src/attribution/source.ts';
import { planSync } from '../../src/ingest/sync/plan.ts';
import type { RecordingDeps } from '../../src/ingest/sync/record-chunks.ts';
import type { Chunk } from '../../src/ingest/sync/scan.ts';
import { type Scanner, sync } from '../../src/ingest/sync/sync.ts';
import { type ScannerThreads, scannersOn } from '../../src/ingest/sync/threads.ts';
import { LIST_PRICE } from '../../src/pricing/policy.ts';
import { pricerOf } from '../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../src/pricing/rate-cards.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { writeTranscripts } from '../bench/transcripts.ts';
import { runHook } from '../support/hook-process.ts';
import { dumpLedger } from '../support/ledger-dump.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { initTollgate, tollgate, tollgateOk } from '../support/tollgate.ts';

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const CLI = join(DIST, 'cli', 'main.js');
const SCAN_WORKER = join(DIST, 'scan-worker.cjs');

interface Summary {
  readonly schema: string;
  readonly readFileCount: number;
  readonly newRequestCount: number;
  readonly ledger: { readonly requestCount: number; readonly costNanoUsd: number };
}

const recording: RecordingDeps = {
  agent: claudeCode,
  pricer: pricerOf(LIST_PRICE, RATE_CARDS),
  labels: { clients: [], ticketPattern: null, labels: {} },
  readPlace: () => NOWHERE,
};

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const syncJson = async (...args: string[]): Promise<Summary> =>
  JSON.parse(await tollgateOk(sandbox, ['sync', '--json', ...args])) as Summary;

test('reads every transcript once, to the nano-dollar', async () => {
  const truth = writeTranscripts(join(sandbox.home, '.claude'), { fileCount: 8 });
  const first = await syncJson();
  expect(first).toMatchObject({ schema: 'tollgate/sync@1', readFileCount: 8 });
  expect(first.ledger).toMatchObject({
    requestCount: truth.requestCount,
    costNanoUsd: truth.costNanoUsd,
  });
  const second = await syncJson();
  expect(second).toMatchObject({ readFileCount: 0, newRequestCount: 0, ledger: first.ledger });
});

describe('threads', () => {
  /** One file of more than a thread reads at a time, and several small ones. */
  const writeTree = () => {
    const folder = join(sandbox.home, '.claude');
    writeTranscripts(folder, { fileCount: 1, messagesPerFile: 700, seed: 5 });
    writeTranscripts(folder, { fileCount: 7, messagesPerFile: 60, seed: 6 });
    return folder;
  };
  const syncInto = async (name: string, folder: string, scanners: readonly Scanner[]) => {
    const path = join(sandbox.root, name, 'ledger.db');
    const store = openSqliteStore(path);
    await sync(planSync([folder], claudeCode, store.readCheckpoints()), {
      agent: claudeCode,
      open: () => ({ store, depsFor: () => recording }),
      clock: Date.now,
      scanners,
      onProgress: () => {},
    });
    store.close();
    return dumpLedger(path);
  };
  let threads: ScannerThreads | null = null;
  const start = (count: number, maxInFlight?: number) => {
    const workers = Array.from({ length: count }, () => new Worker(SCAN_WORKER));
    threads = scannersOn(workers, maxInFlight);
    return threads.scanners;
  };
  afterEach(() => threads?.close());

  test.each([
    ['one', 1, undefined],
    ['three', 3, undefined],
    ['three with next to nothing in flight', 3, 1],
  ])('%s: the ledger that is made without any', async (_name, count, maxInFlight) => {
    const folder = writeTree();
    const alone = await syncInto('alone', folder, []);
    expect(await syncInto('threads', folder, start(count, maxInFlight))).toEqual(alone);
  });

  test('read on when what they sent is recorded, and not before', async () => {
    const folder = writeTree();
    const starts = planSync([folder], claudeCode, new Map()).jobs.map((job) => job.start);
    const sent: Chunk[] = [];
    const [scanner] = start(1, 1);
    const all = scanner?.scan(starts, (_index, chunk) => chunk && sent.push(chunk));
    for (let count = 1; count <= starts.length; count += 1) {
      await vi.waitFor(() => expect(sent).toHaveLength(count), { timeout: 30_000 });
      await sleep(20);
      expect(sent).toHaveLength(count);
      sent[count - 1]?.release();
    }
    // The large file is sent in two chunks.
    await vi.waitFor(() => expect(sent).toHaveLength(starts.length + 1), { timeout: 30_000 });
    sent.at(-1)?.release();
    await all;
  });
});

test('goes on where it was killed', async () => {
  const truth = writeTranscripts(join(sandbox.home, '.claude'), { fileCount: 12, seed: 2 });
  for (const afterMs of [120, 260, 400]) {
    const child = spawn(process.execPath, [CLI, 'sync', '--quiet'], { env: sandbox.env() });
    const ended = once(child, 'exit');
    await Promise.race([ended, sleep(afterMs)]);
    child.kill('SIGKILL');
    await ended;
  }
  const { ledger } = await syncJson();
  expect(ledger).toMatchObject({
    requestCount: truth.requestCount,
    costNanoUsd: truth.costNanoUsd,
  });
});

test('several at once count once', async () => {
  const truth = writeTranscripts(join(sandbox.home, '.claude'), { fileCount: 8, seed: 3 });
  const runs = await Promise.all([1, 2, 3].map(() => tollgate(sandbox, ['sync', '--quiet'])));
  expect(runs.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  const { ledger } = await syncJson();
  expect(ledger).toMatchObject({ costNanoUsd: truth.costNanoUsd });
});

test('reads other folders by name, and says when there is nothing in them', async () => {
  const old = join(sandbox.root, 'old-laptop');
  const truth = writeTranscripts(old, { fileCount: 1, messagesPerFile: 20, seed: 4 });
  const { ledger } = await syncJson('--from', old);
  expect(ledger).toMatchObject({ costNanoUsd: truth.costNanoUsd });
  const text = await tollgateOk(sandbox, ['sync', '--from', old]);
  expect(text).toContain('1 session in 1 file, 0 of them with something new');
  const wrong = await tollgate(sandbox, ['sync', '--from', join(sandbox.root, 'nowhere')]);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain('no transcripts below');
});

test('a session that begins reads history in the background, hourly', async () => {
  await initTollgate(sandbox, '4', '5');
  const truth = writeTranscripts(join(sandbox.home, '.claude'), { fileCount: 4, seed: 4 });
  const stamp = join(sandbox.tollgateHome, 'last-sync');
  const begin = (env: Record<string, string> = {}) =>
    runHook(
      sandbox,
      'SessionStart',
      { session_id: 's1', transcript_path: join(sandbox.root, 's1.jsonl'), source: 'startup' },
      env,
    );
  const requestCount = () => {
    const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
    const totals = store.readLedgerTotals();
    store.close();
    return totals.requestCount;
  };
  await begin();
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  utimesSync(stamp, longAgo, longAgo);
  await begin({ TOLLGATE_BACKGROUND_SYNC: 'off' });
  await sleep(1_000);
  expect(requestCount()).toBe(0);
  await begin();
  expect(Date.now() - statSync(stamp).mtimeMs).toBeLessThan(60_000);
  await vi.waitFor(() => expect(requestCount()).toBe(truth.requestCount), { timeout: 20_000 });
  // The process that read it notes the time once more when it is done; only then is the world cleaned up.
  await sleep(500);
});
