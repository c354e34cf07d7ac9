// An open database file, whichever library opened it.
import type Database from 'better-sqlite3';

/** What is used of better-sqlite3; other libraries are adapted to it. */
export type Driver = Pick<Database.Database, 'prepare' | 'exec' | 'close' | 'inTransaction'>;
