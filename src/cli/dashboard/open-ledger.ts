// The ledger while a dashboard runs: always the file that is there now, and a version that changes when there is something new to show.
import { stateHome } from '../../config/paths.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { statOf } from '../../runtime/files.ts';
import type { Store } from '../../stores/store.ts';
import { ledgerIdentity, openLedger } from '../../wire.ts';
import type { CliContext } from '../command.ts';

/** Transcripts are looked at this often: hooks tell of most that is new in them. */
const TRANSCRIPTS_MS = SECOND_MS;

export interface OpenLedger {
  readonly store: () => Store;
  /** See `DashboardWorld.readVersion`. */
  readonly readVersion: () => string;
  /** The transcripts whose growth is something new, too. */
  readonly follow: (transcripts: readonly string[]) => void;
  readonly close: () => void;
}

export function keepLedgerOpen({ env }: CliContext): OpenLedger {
  const home = stateHome(env);
  let store = openLedger(home, env);
  let opened = ledgerIdentity(home);
  let followed: readonly string[] = [];
  let [sizes, sizesAt] = ['', 0];
  /** A ledger that was deleted, or put back from a copy, is another file. */
  const current = (): Store => {
    const found = ledgerIdentity(home);
    if (found !== opened) {
      store.close();
      store = openLedger(home, env);
      opened = ledgerIdentity(home);
    }
    return store;
  };
  return {
    store: current,
    readVersion: () => {
      const now = Date.now();
      if (now - sizesAt >= TRANSCRIPTS_MS) {
        sizes = followed.map(sizeOf).join();
        sizesAt = now;
      }
      return `${opened} ${current().readVersion()} ${sizes}`;
    },
    follow: (transcripts) => {
      followed = transcripts;
    },
    close: () => store.close(),
  };
}

const sizeOf = (file: string): number => statOf(file)?.size ?? 0;
