// Whether the ledger's files are this user's alone. Rule: looked at whenever the ledger is opened; what somebody else may have
// written is refused, what others may only read is made private and told.
import { chmodSync, constants, lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { TollgateError } from '../../errors.ts';
import { isOwnUid } from '../../runtime/owners.ts';

const OTHERS_WRITE = 0o022;
const OTHERS = 0o077;

/** Paths that were made private and that nobody was told of yet; hooks load several bundles, and each has modules of its own. */
const MENDED = Symbol.for('tollgate.mended-modes');
const shared = globalThis as { [MENDED]?: string[] };

/** Takes the paths that were open to others until this process looked. */
export function takeMended(): readonly string[] {
  const taken = shared[MENDED] ?? [];
  shared[MENDED] = [];
  return taken;
}

/** Whether there is something to tell. */
export const hasMended = (): boolean => (shared[MENDED]?.length ?? 0) > 0;

/** Looks at the folder and the files of a ledger; false where there is no ledger yet. Throws `TollgateError` `LEDGER_UNREADABLE`. */
export function securePaths(path: string): boolean {
  const folder = dirname(path);
  const inFolder = lstatSync(folder, { throwIfNoEntry: false });
  if (inFolder) {
    if (!isOfKind(inFolder, constants.S_IFDIR)) {
      throw refused(`the state folder ${folder} is not a folder of its own`, NO_LINK);
    }
    secureMode(folder, inFolder, 0o700);
  }
  const ledger = secureFile(path);
  if (ledger) for (const suffix of ['-wal', '-shm']) secureFile(path + suffix);
  return ledger;
}

function secureFile(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return false;
  if (!isOfKind(stat, constants.S_IFREG)) {
    throw refused(`the ledger ${path} is not a plain file`, NO_LINK);
  }
  secureMode(path, stat, 0o600);
  return true;
}

function secureMode(path: string, { uid, mode }: Stats, wanted: number): void {
  // Windows has neither owners nor such bits.
  if (process.getuid === undefined) return;
  if (!isOwnUid(uid)) {
    throw refused(
      `${path} belongs to another user (uid ${uid})`,
      `sudo chown ${process.getuid()} '${path}', or set TOLLGATE_HOME to a folder of your own`,
    );
  }
  if ((mode & OTHERS) === 0) return;
  // Whoever may write in the folder may have put a ledger of their own there.
  if (wanted === 0o700 && (mode & OTHERS_WRITE) !== 0) {
    throw refused(
      `others may write in the state folder ${path} (mode ${(mode & 0o777).toString(8)})`,
      `see that its files are yours, then: chmod 700 '${path}'`,
    );
  }
  chmodSync(path, wanted);
  shared[MENDED] = [...(shared[MENDED] ?? []), path];
}

const NO_LINK =
  'what is in its place (a link could lead anywhere) has to go: move it away and run tollgate status';

const isOfKind = ({ mode }: Stats, kind: number): boolean => (mode & constants.S_IFMT) === kind;

const refused = (message: string, hint: string): TollgateError =>
  new TollgateError({ code: 'LEDGER_UNREADABLE', message, hint });
