// A real ledger fed from transcript files on the disk, without any client: for properties of reading and settling.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { claudeCode } from '../../src/agents/claude-code/claude-code.ts';
import { NOWHERE } from '../../src/attribution/source.ts';
import { sessionId } from '../../src/domain/ids.ts';
import { ingestSession } from '../../src/ingest/ingest-session.ts';
import { settle } from '../../src/ingest/settle.ts';
import type { IngestDeps } from '../../src/ingest/types.ts';
import { LIST_PRICE } from '../../src/pricing/policy.ts';
import { pricerOf } from '../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../src/pricing/rate-cards.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { type LedgerView, readLedgerFile } from './guarded.ts';

/** A folder for transcripts and a ledger beside it. */
export interface FileLedger {
  readonly deps: IngestDeps;
  readonly ledgerPath: string;
  /** Absolute path of a file in the folder. */
  path(name: string): string;
  /** Makes or replaces a file. */
  write(name: string, bytes: string | Uint8Array): void;
  append(name: string, bytes: string | Uint8Array): void;
  /** Reads what is new in a session's files, as a hook would; answers how many requests were new. */
  ingest(name: string, now?: number): number;
  settle(id: string): void;
  read(): LedgerView;
  close(): void;
}

/** Some moment after every timestamp in the fixtures. */
export const LATER = Date.UTC(2026, 10, 22);

export function openFileLedger(): FileLedger {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tollgate-files-')));
  const ledgerPath = join(folder, 'state', 'ledger.db');
  const store = openSqliteStore(ledgerPath);
  const pricer = pricerOf(LIST_PRICE, RATE_CARDS);
  const labels = { clients: [], ticketPattern: null, labels: {} };
  const deps: IngestDeps = { agent: claudeCode, store, pricer, labels, readPlace: () => NOWHERE };
  const path = (name: string) => join(folder, 'project', name);
  const write = (name: string, bytes: string | Uint8Array) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), bytes);
  };
  return {
    deps,
    ledgerPath,
    path,
    write,
    append(name, bytes) {
      mkdirSync(dirname(path(name)), { recursive: true });
      appendFileSync(path(name), bytes);
    },
    ingest: (name, now = LATER) =>
      store.immediately(() => ingestSession(path(name), deps, now, null)).requestCount,
    settle: (id) => store.immediately(() => settle(sessionId(id), store, deps, LATER)),
    read: () => readLedgerFile(ledgerPath),
    close() {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a ledger comes to, session by session, in nano-dollars: cost with what was inherited. */
export function totalsOf(view: LedgerView): Record<string, number> {
  return Object.fromEntries(
    view.sessions.map((each) => [each.sessionId, each.costNanoUsd + each.inheritedNanoUsd]),
  );
}

/** The last total that a transcript's client told, in nano-dollars; null when it told none. */
export function toldTotal(file: string): number | null {
  const totals = readFileSync(file, 'utf8').matchAll(
    /"type":"cost-state".*?"totalCostUSD":([\d.e-]+)/g,
  );
  const last = [...totals].at(-1)?.[1];
  return last === undefined ? null : Number(last) * 1e9;
}
