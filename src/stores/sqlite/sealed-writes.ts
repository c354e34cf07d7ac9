// Has a ledger seal what changes in it and has to be proved later. Rule: in the transaction of the change; a program that writes
// without knowing where the seal is says so in the ledger.
import { appendSeal } from '../seal/append-seal.ts';
import type { SealPlaces } from '../seal/seal-file.ts';
import { hasChanges, noChanges, type SealableStore, type SealedChanges } from '../sealing.ts';
import type { Store } from '../store.ts';
import type { Connection } from './connection.ts';
import { readSealMark } from './seal-mark.ts';
import { sealRepository } from './seal-repository.ts';

type Unsealed = Omit<Store, keyof SealableStore>;

/** The ledger, sealing its changes; `places` absent: it is not known where. */
export function sealWrites(
  store: Unsealed,
  db: Connection,
  path: string,
  places: SealPlaces | undefined,
): Store {
  const changes = noChanges();
  let isAsked = false;
  let rows: ReturnType<typeof sealRepository> | null = null;
  const sealed: Store = {
    ...store,
    ...notingChanges(changes, store),
    readSealMark: () => readSealMark(db),
    sealing: () => {
      rows ??= sealRepository(db);
      return rows;
    },
    seal: () => {
      if (places === undefined) return;
      isAsked = true;
      sealed.immediately(() => {});
    },
    immediately: (work) => {
      try {
        return store.immediately(() => {
          const result = work();
          if (places === undefined && hasChanges(changes)) {
            db.run('UPDATE seal_mark SET is_stale = 1 WHERE seq > 0', []);
          } else if (places !== undefined && (isAsked || hasChanges(changes))) {
            appendSeal({ store: sealed, path, places }, changes);
          }
          return result;
        });
      } finally {
        isAsked = false;
        for (const keys of Object.values(changes)) keys.clear();
      }
    },
  };
  return sealed;
}

type Proved = Pick<
  Store,
  | ('addGrant' | 'writeHalt' | 'releaseHalt' | 'writeHeldFile' | 'removeHeldFile')
  | ('addStatement' | 'writeMachine')
>;

/** The same operations, noting what has to be sealed when the transaction ends. */
const notingChanges = (changes: SealedChanges, to: Proved): Proved => ({
  addGrant: (grant) => {
    changes.grants.add(grant.grantId);
    to.addGrant(grant);
  },
  writeHalt: (haltRecord) => {
    changes.halts.add(haltRecord.sessionId);
    to.writeHalt(haltRecord);
  },
  releaseHalt: (id, at) => {
    changes.halts.add(id);
    to.releaseHalt(id, at);
  },
  writeHeldFile: (held) => {
    changes.heldFiles.add(held.file);
    to.writeHeldFile(held);
  },
  removeHeldFile: (file) => {
    changes.heldFiles.add(file);
    to.removeHeldFile(file);
  },
  addStatement: (statement) => {
    changes.statements.add(statement.number);
    to.addStatement(statement);
  },
  writeMachine: (machine) => {
    changes.machines.add(machine.machineId);
    to.writeMachine(machine);
  },
});
