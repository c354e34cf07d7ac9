// Entries for tests, without a transcript: only what a test says differs from an ordinary request.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Attribution, NO_ATTRIBUTION } from '../../src/domain/attribution.ts';
import type { CorrectionEntry, UsageEntry } from '../../src/domain/entry.ts';
import { agentId, entryId, requestId, sessionId, turnId } from '../../src/domain/ids.ts';
import { NO_USAGE, type Usage } from '../../src/domain/usage.ts';
import { newSession } from '../../src/ingest/record-fact.ts';
import type { RecordingStore } from '../../src/stores/recording.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../src/stores/store.ts';

/** What a test may say about an entry. */
export interface EntryWords {
  readonly id: string;
  readonly at: number | string;
  readonly session?: string;
  readonly turn?: string | null;
  readonly agent?: string | null;
  readonly cost?: number;
  readonly usage?: Partial<Usage>;
  readonly labels?: Partial<Attribution>;
  readonly unknownModel?: boolean;
  readonly provenance?: UsageEntry['provenance'];
}

const base = (words: EntryWords) => {
  const at = typeof words.at === 'string' ? Date.parse(words.at) : words.at;
  return {
    entryId: entryId(words.id),
    sessionId: sessionId(words.session ?? 'session-a'),
    agentId: words.agent ? agentId(words.agent) : null,
    turnId: words.turn === null ? null : turnId(words.turn ?? 'turn-1'),
    occurredAt: at,
    recordedAt: at + 1_000,
    costNanoUsd: words.cost ?? 1_000_000_000,
    provenance: words.provenance ?? 'metered',
    attribution: { ...NO_ATTRIBUTION, model: 'claude-opus-5-5', ...words.labels },
    usage: {
      ...NO_USAGE,
      inputTokens: 10,
      outputTokens: 200,
      cacheReadTokens: 3_000,
      cacheWrite5mTokens: 400,
      ...words.usage,
    },
  };
};

/** A request. */
export function request(words: EntryWords): UsageEntry {
  return {
    ...base(words),
    kind: 'usage',
    requestId: requestId(words.id),
    responseKey: null,
    flags: { unknownModel: words.unknownModel ?? false, interrupted: false },
  };
}

/** Money that no usage line shows. */
export function correction(words: EntryWords & { readonly reason?: string }): CorrectionEntry {
  return {
    ...base({
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWrite5mTokens: 0 },
      ...words,
    }),
    kind: 'correction',
    reason: words.reason ?? 'settled',
    provenance: words.provenance ?? 'client-settled',
  };
}

/** Records entries, and makes their sessions known as events would have. */
export function recordAll(store: Store, entries: readonly (UsageEntry | CorrectionEntry)[]): void {
  store.immediately(() => recordEach(store, entries));
}

/** The same in a transaction that is open. */
export function recordEach(
  ledger: RecordingStore,
  entries: readonly (UsageEntry | CorrectionEntry)[],
): void {
  for (const entry of entries) {
    if (!ledger.readSession(entry.sessionId)) {
      ledger.writeSession(newSession(entry.sessionId, entry.occurredAt || 1));
    }
    if (entry.kind === 'usage') ledger.recordUsage(entry);
    else ledger.recordCorrection(entry);
  }
}

/** A ledger of its own in a temporary folder. */
export function temporaryLedger(): { store: Store; path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-ledger-'));
  const path = join(folder, 'ledger.db');
  const store = openSqliteStore(path);
  return {
    store,
    path,
    remove: () => {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
