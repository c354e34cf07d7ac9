// Files that are not what they were where somebody read to: rewritten in place, cut, replaced. Whoever reads, hook or sync, reads
// them anew; what only goes on is not read twice.
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claudeCode } from '../../../src/agents/claude-code/claude-code.ts';
import { NOWHERE } from '../../../src/attribution/source.ts';
import { ingestSession } from '../../../src/ingest/ingest-session.ts';
import { planSync } from '../../../src/ingest/sync/plan.ts';
import { sync } from '../../../src/ingest/sync/sync.ts';
import { LIST_PRICE } from '../../../src/pricing/policy.ts';
import { pricerOf } from '../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { temporaryLedger } from '../../support/ledger-entries.ts';
import { response } from '../../support/transcript-lines.ts';

const NOW = Date.UTC(2026, 10, 22);
const recording = {
  agent: claudeCode,
  pricer: pricerOf(LIST_PRICE, RATE_CARDS),
  labels: { clients: [], ticketPattern: null, labels: {} },
  readPlace: () => NOWHERE,
};

let folder: string;
let path: string;
let ledger: ReturnType<typeof temporaryLedger>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-position-'));
  path = join(folder, 's1.jsonl');
  ledger = temporaryLedger();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  ledger.remove();
});

const linesOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => response({ id: `${name}${at}`, at })).join('');

/** Writes into the file that is there, as an editor does that keeps it. */
function rewrite(text: string): void {
  truncateSync(path, 0);
  const fd = openSync(path, 'r+');
  writeSync(fd, text);
  closeSync(fd);
}

const byHook = async (): Promise<number> =>
  ledger.store.immediately(
    () => ingestSession(path, { ...recording, store: ledger.store }, NOW, null).requestCount,
  );

async function bySync(): Promise<number> {
  const plan = planSync([folder], claudeCode, ledger.store.readCheckpoints());
  const synced = await sync(plan, {
    agent: claudeCode,
    open: () => ({ store: ledger.store, depsFor: () => recording }),
    clock: () => NOW,
    scanners: [],
    onProgress: () => {},
  });
  return synced.requestCount;
}

describe.each([
  ['a hook', byHook],
  ['a sync', bySync],
])('read by %s', (_name, read) => {
  beforeEach(async () => {
    writeFileSync(path, linesOf('a', 4));
    expect(await read()).toBe(4);
  });

  test('what goes on is read from where it was', async () => {
    appendFileSync(path, linesOf('b', 2));
    expect([await read(), await read()]).toEqual([2, 0]);
  });

  test('what only got another time is not read again', async () => {
    utimesSync(path, 1_800_000_000, 1_800_000_000);
    expect(await read()).toBe(0);
  });

  test.each([
    ['longer', () => rewrite(linesOf('b', 6)), 6],
    ['of the same length', () => rewrite(linesOf('b', 4)), 4],
    [
      'of the same length and the same time',
      () => {
        const { atimeMs, mtimeMs } = statSync(path);
        rewrite(linesOf('b', 4));
        utimesSync(path, atimeMs / 1_000, mtimeMs / 1_000);
      },
      4,
    ],
    ['shorter', () => rewrite(linesOf('b', 3)), 3],
    ['longer, with the old lines at its end', () => rewrite(linesOf('b', 1) + linesOf('a', 4)), 1],
    [
      'longer, with the old lines at its beginning and others behind',
      () => rewrite(linesOf('a', 2) + linesOf('b', 3)),
      3,
    ],
    [
      'emptied and then written to',
      () => {
        truncateSync(path, 0);
        appendFileSync(path, linesOf('c', 9));
      },
      9,
    ],
    [
      'cut and then written to',
      () => {
        truncateSync(path, linesOf('a', 1).length);
        appendFileSync(path, linesOf('d', 8));
      },
      8,
    ],
    [
      'replaced by another file',
      () => {
        writeFileSync(`${path}.new`, linesOf('e', 5));
        renameSync(`${path}.new`, path);
      },
      5,
    ],
    [
      'removed, and written anew',
      () => {
        rmSync(path);
        writeFileSync(path, linesOf('f', 7));
      },
      7,
    ],
  ])('a file that is %s is read anew, once', async (_how, change, requestCount) => {
    change();
    expect([await read(), await read()]).toEqual([requestCount, 0]);
  });

  test('a place that an older version kept counts as it did', async () => {
    const known = ledger.store.readCheckpoint(path);
    if (known === null) throw new Error('no checkpoint');
    ledger.store.immediately(() =>
      ledger.store.writeCheckpoint({ ...known, before: null, writtenAt: null }),
    );
    appendFileSync(path, linesOf('b', 1));
    expect([await read(), await read()]).toEqual([1, 0]);
    expect(ledger.store.readCheckpoint(path)).toMatchObject({ writtenAt: statSync(path).mtimeMs });
  });
});

test('one file of a session that cannot be read hides no other, and is told', () => {
  writeFileSync(path, linesOf('a', 2));
  rmSync(join(folder, 's1'), { recursive: true, force: true });
  const store = ledger.store;
  const agent = {
    ...claudeCode,
    transcriptFiles: () => [
      { path: folder, agentId: null },
      { path, agentId: null },
    ],
  };
  const read = store.immediately(() =>
    ingestSession(path, { ...recording, agent, store }, NOW, null),
  );
  expect(read).toMatchObject({
    requestCount: 2,
    unreadable: [{ path: folder, code: 'NOT_A_FILE' }],
  });
});
