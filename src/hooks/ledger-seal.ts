// What hooks do for the ledger's seal beside deciding: they seal what a turn has left, restore a ledger that turns out to be damaged, and
// tell what happened. Rule: nothing of it keeps a decision from being answered.
import type { Moment } from '../agents/agent.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { ingestNewLines } from '../ingest/ingest-new-lines.ts';
import { syncToRestore } from '../ingest/sync/background.ts';
import type { IngestDeps } from '../ingest/types.ts';
import type { Store } from '../stores/store.ts';
import {
  hasRestored,
  type LockWait,
  ledgerHealth,
  restoreDamagedLedger,
  takeLedgerNews,
} from '../wire.ts';

/** Moments whose words reach the person. */
const TELLS: ReadonlySet<Moment> = new Set<Moment>([
  'session-start',
  'prompt',
  'before-tool',
  'after-tool',
  'after-tools',
  'turn-end',
]);

/** What happened to the ledger that nobody was told of; `null`: nothing, or nobody would read it now. */
export function ledgerRemark(moment: Moment, home: string): string | null {
  if (!TELLS.has(moment)) return null;
  const news = takeLedgerNews(home);
  return news.length === 0 ? null : news.join('\n');
}

/** Restores the ledger where that is what an error asks for; `seen`: its identity before. False: it is not, or cannot be restored now. */
export function restoresAfter(
  error: unknown,
  home: string,
  env: NodeJS.ProcessEnv,
  seen: string | null,
  wait: LockWait,
): boolean {
  if (isLong(error)) startRestoring(home, env);
  else if (isDamage(error, home)) {
    try {
      restoreDamagedLedger(home, env, seen, wait);
      return true;
    } catch (failure) {
      // The first error is the one to tell.
      if (isLong(failure)) startRestoring(home, env);
    }
  }
  return false;
}

/** A ledger whose restoring takes longer than anybody should wait. */
const isLong = (error: unknown): boolean =>
  error instanceof TollgateError && error.code === 'LEDGER_BEING_RESTORED';

function startRestoring(home: string, env: NodeJS.ProcessEnv): void {
  syncToRestore(home, `${import.meta.dirname}/../cli/main.js`, env, Date.now());
}

/** An error that nobody foresaw may come of a ledger that says something else than was written. */
function isDamage(error: unknown, home: string): boolean {
  if (error instanceof TollgateError) return error.code === 'LEDGER_DAMAGED';
  const { exists, integrity, failure } = ledgerHealth(home);
  if (!exists) return false;
  return failure === null ? integrity !== 'ok' : failure.code === 'LEDGER_DAMAGED';
}

/** After a restoration: what sessions that are not over have spent since their last turn was sealed counts before anything is decided. */
export function readUnsealedSessions(
  store: Store,
  deps: Omit<IngestDeps, 'store'>,
  now: EpochMs,
): void {
  if (!hasRestored()) return;
  for (const session of store.readSessions({ sinceAt: now - DAY_MS })) {
    if (session.endedAt !== null) continue;
    store.immediately(() => ingestNewLines(session, { ...deps, store }, now));
  }
}
