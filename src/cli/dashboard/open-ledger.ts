// The ledger while a dashboard runs: always the file that is there now, and a version that changes when there is something new to show.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { stateHome } from '../../config/paths.ts';
import { SECOND_MS } from '../../domain/time.ts';
import type { Store } from '../../stores/store.ts';
import { openLedger } from '../../wire.ts';
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
  const file = join(home, 'ledger.db');
  let store = openLedger(home, env);
  let opened = identityOf(file);
  let followed: readonly string[] = [];
  let [sizes, sizesAt] = ['', 0];
  /** A ledger that was deleted, or put back from a copy, is another file. */
  const current = (): Store => {
    const found = identityOf(file);
    if (found !== opened) {
      store.close();
      store = openLedger(home, env);
      opened = identityOf(file);
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

function identityOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'none' : String(found.ino);
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
