// What things of a team are called in PostgreSQL. Rule: roles are of the whole server, so their names hold the database's.

/** The schema of a team; a database holds one team. */
export const SCHEMA = 'tollgate';

/** The roles that no one logs in as: who owns the tables and functions, and what members may do. */
export interface TeamRoles {
  readonly owner: string;
  readonly manager: string;
  readonly developer: string;
}

/** PostgreSQL cuts names after 63 bytes. */
const LONGEST = 63;

export function rolesOf(database: string): TeamRoles {
  const prefix = rolePrefix(database);
  return {
    owner: `${prefix}_owner`,
    manager: `${prefix}_manager`,
    developer: `${prefix}_developer`,
  };
}

/** What the names of all roles of a team begin with. */
export const rolePrefix = (database: string): string =>
  `tollgate_${database.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`.slice(0, LONGEST - 24);

/** A name as SQL has it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL has it. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
