// Opens a ledger that has a seal. Rule: what does not fit its seal is not opened: it is set aside, and the ledger restored.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { TollgateError } from '../../errors.ts';
import { wrapSqliteError } from '../sqlite/ledger-file.ts';
import { whileRestoring } from '../sqlite/restore-lock.ts';
import { openSqliteStore } from '../sqlite/sqlite.ts';
import { type LockWait, USUAL_LOCK_WAIT } from '../sqlite/transaction.ts';
import type { Store } from '../store.ts';
import { judgeSeal } from './judge-seal.ts';
import {
  BRIEF_ENTRY_COUNT,
  holdsWhatWasSealed,
  putBackNewest,
  restoreLedger,
  sealAnew,
} from './restore-ledger.ts';
import type { Restored } from './restored.ts';
import { identityOf, newestHeader, type SealPlaces } from './seal-file.ts';

export interface SealedLedger {
  readonly path: string;
  readonly places: SealPlaces;
  readonly wait?: LockWait | undefined;
  /** Whether to compare what the ledger holds with its seal, beside whether it is the right one. */
  readonly isCompared: boolean;
  /** Whether somebody waits for the answer: what would take long is not compared, and not restored. */
  readonly isBrief: boolean;
}

const WORDS: Readonly<Record<Restored['cause'], string>> = {
  ...{ gone: 'missing', foreign: "another program's", damaged: 'damaged' },
  ...{ replaced: 'another one', older: 'an older copy', changed: 'changed' },
};

/** Hooks load several bundles, and each has modules of its own. */
const RESTORED = Symbol.for('tollgate.restored-ledger');
const shared = globalThis as { [RESTORED]?: boolean };

/** Whether this process has restored a ledger. */
export const hasRestored = (): boolean => shared[RESTORED] === true;

/** Opens (and makes, upgrades or restores) a ledger. Throws `TollgateError` when that is impossible. */
export function openSealed(sealed: SealedLedger): Store {
  const { path } = sealed;
  const seen = identityOf(path);
  let cause: Restored['cause'];
  try {
    const store = openWithSeal(sealed);
    const found = judged(store, sealed);
    if (found === null) return store;
    store.close();
    cause = found;
  } catch (error) {
    const wrapped = wrapSqliteError(error, path);
    const found = causeOf(wrapped);
    if (found === null) throw wrapped;
    cause = found;
  }
  restoreUnlessDone(sealed, cause, seen);
  const store = openWithSeal(sealed);
  if (store.readSealMark().seq === 0) store.seal();
  return store;
}

/** Restores a ledger that was found to be damaged in use. */
export function restoreDamaged(sealed: SealedLedger, seen: string | null): void {
  restoreUnlessDone(sealed, 'damaged', seen);
}

function restoreUnlessDone(
  { path, places, wait = USUAL_LOCK_WAIT, isBrief }: SealedLedger,
  cause: Restored['cause'],
  seen: string | null,
): void {
  if (isBrief && (newestHeader(places)?.entryCount ?? 0) > BRIEF_ENTRY_COUNT) {
    throw new TollgateError({
      code: 'LEDGER_BEING_RESTORED',
      message: `the ledger ${path} is ${WORDS[cause]} and is being restored from its seal`,
      hint: 'wait, or run tollgate status, which ends when it is restored',
      retryable: true,
    });
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  whileRestoring(path, wait, () => {
    // Another process was quicker.
    if (identityOf(path) !== seen) return;
    restoreLedger({ path, places, cause, open: (file) => openSqliteStore(file, wait) });
    shared[RESTORED] = true;
  });
}

const openWithSeal = ({ path, places, wait = USUAL_LOCK_WAIT }: SealedLedger): Store =>
  openSqliteStore(path, wait, { places, isExpected: () => newestHeader(places) !== null });

/** Why the ledger has to be restored; `null`: it has not, and what little was missing is put back. */
function judged(
  store: Store,
  { path, places, isCompared, isBrief }: SealedLedger,
): Restored['cause'] | null {
  const found = judgeSeal(store.readSealMark(), places);
  if (found.kind === 'other') return found.cause;
  if (found.kind === 'one-ahead') putBackNewest(store, path, places);
  if (found.kind === 'unproved') sealAnew(store, path, places);
  return isCompared && !holdsWhatWasSealed(store, places, isBrief) ? 'changed' : null;
}

function causeOf(error: unknown): Restored['cause'] | null {
  if (!(error instanceof TollgateError)) return null;
  if (error.code === 'LEDGER_GONE') return 'gone';
  if (error.code === 'LEDGER_FOREIGN') return 'foreign';
  return error.code === 'LEDGER_DAMAGED' ? 'damaged' : null;
}
