// A team's schema, as a list of steps that only grows. Rule: forward only; a released step is never edited.
import { FLUSH_FUNCTIONS } from './flush-sql.ts';
import { LEASE_FUNCTIONS } from './lease-sql.ts';
import { memberFunctions } from './member-sql.ts';
import { quoted, rolesOf, SCHEMA } from './names.ts';
import { RETENTION } from './retention-sql.ts';
import { rights } from './rights.ts';
import { TABLES } from './tables.ts';

/** Each step as SQL, for the database of this name. */
export const STEPS: readonly ((database: string) => string)[] = [
  (database) => {
    const roles = rolesOf(database);
    return [
      TABLES,
      memberFunctions(roles, database),
      LEASE_FUNCTIONS,
      FLUSH_FUNCTIONS,
      RETENTION,
      rights(roles),
    ].join('\n');
  },
];

/** What an administrator runs once before the steps: roles and the schema. */
export function foundation(database: string): readonly string[] {
  const { owner, manager, developer } = rolesOf(database);
  return [
    `CREATE ROLE ${quoted(owner)} NOLOGIN CREATEROLE`,
    `CREATE ROLE ${quoted(manager)} NOLOGIN`,
    `CREATE ROLE ${quoted(developer)} NOLOGIN`,
    `GRANT ${quoted(owner)} TO CURRENT_USER`,
    `GRANT ${quoted(developer)}, ${quoted(manager)} TO ${quoted(owner)} WITH ADMIN OPTION`,
    `GRANT CONNECT ON DATABASE ${quoted(database)} TO ${quoted(developer)}, ${quoted(manager)}`,
    `GRANT CREATE ON DATABASE ${quoted(database)} TO ${quoted(owner)}`,
    `SET LOCAL ROLE ${quoted(owner)}`,
    `CREATE SCHEMA ${SCHEMA}`,
    `SET LOCAL search_path = ${SCHEMA}`,
    'CREATE TABLE migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  ];
}
