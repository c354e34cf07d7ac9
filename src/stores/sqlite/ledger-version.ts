// What version a ledger is of. Rule: nothing else lives here, since every hook asks for it.
import type { Driver } from './driver.ts';

/** How many steps of `migrations.ts` this program knows. */
export const LEDGER_VERSION = 17;

/** `TOLG` in ASCII: tells our file from any other SQLite database. */
export const APPLICATION_ID = 0x544f4c47;

/** Which program's database this is; 0 where none has said. */
export const applicationOf = (driver: Driver): number =>
  (driver.prepare('PRAGMA application_id').get() as { application_id: number }).application_id;

export const versionOf = (driver: Driver): number =>
  (driver.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
