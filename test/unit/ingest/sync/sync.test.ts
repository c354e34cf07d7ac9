// Reading everything at once must leave the ledger that reading event by event leaves, down to the last column.
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_CARRY, NO_SOURCE, type TranscriptFact } from '../../../../src/agents/agent.ts';
import { claudeCode } from '../../../../src/agents/claude-code/claude-code.ts';
import { NOWHERE } from '../../../../src/attribution/source.ts';
import { ingestSession } from '../../../../src/ingest/ingest-session.ts';
import { decodeFacts, factEncoder } from '../../../../src/ingest/sync/fact-codec.ts';
import { planSync } from '../../../../src/ingest/sync/plan.ts';
import type { RecordingDeps } from '../../../../src/ingest/sync/record-chunks.ts';
import { readChunk, startAfter } from '../../../../src/ingest/sync/scan.ts';
import { type Scanner, sync } from '../../../../src/ingest/sync/sync.ts';
import { LIST_PRICE } from '../../../../src/pricing/policy.ts';
import { pricerOf } from '../../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../../src/pricing/rate-cards.ts';
import type { Store } from '../../../../src/stores/store.ts';
import { writeTranscripts } from '../../../bench/transcripts.ts';
import { dumpLedger } from '../../../support/ledger-dump.ts';
import { temporaryLedger } from '../../../support/ledger-entries.ts';
import { posixTest } from '../../../support/systems.ts';

const RECORDED = join(import.meta.dirname, '../../../fixtures', 'transcripts');
const FORK = 'resume-fork-compact/37b63739-6e95-40b0-b763-50003cf08741.jsonl';
const NOW = Date.UTC(2026, 10, 22);

const recording: RecordingDeps = {
  agent: claudeCode,
  pricer: pricerOf(LIST_PRICE, RATE_CARDS),
  labels: { clients: [], ticketPattern: null, labels: {} },
  readPlace: (cwd) => ({ ...NOWHERE, repository: cwd }),
};

let folder: string;
let ledger: ReturnType<typeof temporaryLedger>;
let other: ReturnType<typeof temporaryLedger>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-sync-'));
  ledger = temporaryLedger();
  other = temporaryLedger();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  ledger.remove();
  other.remove();
});

const planOf = (store: Store) => planSync([folder], claudeCode, store.readCheckpoints());

function syncInto(store: Store, plan = planOf(store), scanners: readonly Scanner[] = []) {
  return sync(plan, {
    agent: claudeCode,
    open: () => ({ store, depsFor: () => recording }),
    clock: () => NOW,
    scanners,
    onProgress: () => {},
  });
}

/** As the hooks of each session would read it. */
function readByEvents(store: Store): void {
  const mains = [...new Set(planOf(store).jobs.map(({ mainPath }) => mainPath))];
  for (const main of mains) {
    store.immediately(() => ingestSession(main, { ...recording, store }, NOW, null));
  }
}

/** A scanner that answers late, as a thread does. */
const slowScanner: Scanner = {
  scan: async (starts, emit) => {
    for (const index of starts.keys()) {
      for (let start = starts[index]; start; ) {
        const chunk = readChunk(claudeCode, start);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
        emit(index, chunk);
        start = chunk?.hasMore ? startAfter(start, chunk) : undefined;
      }
    }
  },
};

describe('the recorded transcripts', () => {
  beforeEach(() => {
    cpSync(RECORDED, join(folder, 'projects'), { recursive: true });
    // A fork's file is made after that of the session it was forked from.
    rmSync(join(folder, 'projects', FORK));
    cpSync(join(RECORDED, FORK), join(folder, 'projects', FORK));
  });

  // Under Wine a file is born when it was last written, and a fork is told by its birth.
  posixTest('give the ledger that the hooks give', async () => {
    readByEvents(other.store);
    const synced = await syncInto(ledger.store);
    expect(synced.requestCount).toBeGreaterThan(100);
    expect(synced.supersededCount).toBe(0);
    expect(dumpLedger(ledger.path)).toEqual(dumpLedger(other.path));
  });

  test('give the same when other threads scan them, in whatever order', async () => {
    await syncInto(other.store);
    await syncInto(ledger.store, planOf(ledger.store), [slowScanner, slowScanner]);
    expect(dumpLedger(ledger.path)).toEqual(dumpLedger(other.path));
  });

  test('are nothing new the second time', async () => {
    await syncInto(ledger.store);
    const before = dumpLedger(ledger.path);
    expect(planOf(ledger.store).jobs).toEqual([]);
    await syncInto(ledger.store);
    expect(dumpLedger(ledger.path)).toEqual(before);
  });

  test('are counted once when hooks read some of them meanwhile', async () => {
    const plan = planOf(ledger.store);
    const mains = plan.jobs.filter((_, index) => index % 3 === 0).map(({ mainPath }) => mainPath);
    for (const main of new Set(mains)) {
      ledger.store.immediately(() =>
        ingestSession(main, { ...recording, store: ledger.store }, NOW, null),
      );
    }
    const synced = await syncInto(ledger.store, plan);
    expect(synced.supersededCount).toBeGreaterThan(0);
    await syncInto(other.store);
    expect(ledger.store.readLedgerTotals()).toEqual(other.store.readLedgerTotals());
  });

  test('are the same after encoding and decoding', () => {
    for (const { file } of planOf(ledger.store).jobs) {
      const facts: TranscriptFact[] = [];
      claudeCode.scan(readFileSync(file.path), NO_CARRY, (fact) => facts.push(fact), NO_SOURCE);
      const { add, encoded } = factEncoder();
      facts.forEach(add);
      const decoded: TranscriptFact[] = [];
      decodeFacts(encoded(), (fact) => decoded.push(fact));
      expect(decoded).toEqual(facts);
    }
  });
});

describe('a dense tree', () => {
  test('comes to the truth to the nano-dollar', async () => {
    const truth = writeTranscripts(folder, { fileCount: 5, seed: 3 });
    const synced = await syncInto(ledger.store);
    expect(synced.readBytes).toBe(truth.byteCount);
    expect(ledger.store.readLedgerTotals()).toEqual({
      requestCount: truth.requestCount,
      costNanoUsd: truth.costNanoUsd,
    });
  });

  test('is the same read in two goes, cut anywhere', async () => {
    writeTranscripts(folder, { fileCount: 2, messagesPerFile: 40, textBytes: 200, seed: 4 });
    await syncInto(other.store);
    const whole = other.store.readLedgerTotals();
    const [job] = planOf(ledger.store).jobs;
    const path = job?.file.path ?? '';
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, 12_345));
    await syncInto(ledger.store);
    appendFileSync(path, bytes.subarray(12_345));
    await syncInto(ledger.store);
    expect(ledger.store.readLedgerTotals()).toEqual(whole);
  });

  test('stays in the ledger when the client deletes it', async () => {
    const truth = writeTranscripts(folder, { fileCount: 1, messagesPerFile: 10, seed: 5 });
    await syncInto(ledger.store);
    rmSync(join(folder, 'projects'), { recursive: true });
    await syncInto(ledger.store);
    expect(ledger.store.readLedgerTotals().costNanoUsd).toBe(truth.costNanoUsd);
  });
});
