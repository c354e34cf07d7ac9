// Who may do what. Rule: everybody reads through rules of rows and writes through functions alone; nothing is open to the public.
import { quoted, SCHEMA, type TeamRoles } from './names.ts';
import { TABLE_NAMES } from './tables.ts';

/** Tables whose rows are one member's. */
const OF_MEMBERS = ['member', 'entry', 'session', 'spend_quarter', 'spend_day', 'lease'];
/** Tables that all members read. */
const OF_ALL = ['team', 'budget', 'rate', 'kill_switch'];
/** What every member calls. */
const FOR_DEVELOPERS = [
  ...['flush_entries', 'take_lease', 'settle_lease', 'pull_state', 'leave_team', 'join_team'],
  ...['my_member_id', 'am_manager', 'wait_for_disk'],
];
const FOR_MANAGERS = [
  ...[
    'invite_member',
    'revoke_member',
    'reclaim_leases',
    'set_budget',
    'remove_budget',
    'grant_more',
  ],
  ...['kill_spending', 'lift_kill', 'set_offline', 'set_rates', 'prune_entries'],
];

export function rights(roles: TeamRoles): string {
  const developer = quoted(roles.developer);
  const manager = quoted(roles.manager);
  return [
    `REVOKE ALL ON SCHEMA ${SCHEMA} FROM PUBLIC`,
    `REVOKE ALL ON ALL TABLES IN SCHEMA ${SCHEMA} FROM PUBLIC`,
    `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${SCHEMA} FROM PUBLIC`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA ${SCHEMA} REVOKE ALL ON FUNCTIONS FROM PUBLIC`,
    `GRANT USAGE ON SCHEMA ${SCHEMA} TO ${developer}, ${manager}`,
    ...TABLE_NAMES.map((table) => `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`),
    ...TABLE_NAMES.flatMap((table) => [
      `GRANT SELECT ON ${table} TO ${manager}`,
      `CREATE POLICY of_managers ON ${table} FOR SELECT TO ${manager} USING ((SELECT am_manager()))`,
    ]),
    ...OF_MEMBERS.flatMap((table) => [
      `GRANT SELECT ON ${table} TO ${developer}`,
      `CREATE POLICY of_members ON ${table} FOR SELECT TO ${developer} USING (member_id = (SELECT my_member_id()))`,
    ]),
    ...OF_ALL.flatMap((table) => [
      `GRANT SELECT ON ${table} TO ${developer}`,
      `CREATE POLICY of_all ON ${table} FOR SELECT TO ${developer} USING ((SELECT my_member_id()) IS NOT NULL)`,
    ]),
    // Labels and pools are of the members whose entries and leases name them.
    `GRANT SELECT ON attribution, pool TO ${developer}`,
    `CREATE POLICY of_members ON attribution FOR SELECT TO ${developer}
       USING (EXISTS (SELECT FROM spend_day WHERE spend_day.attribution_id = attribution.attribution_id))`,
    `CREATE POLICY of_members ON pool FOR SELECT TO ${developer}
       USING (EXISTS (SELECT FROM lease WHERE lease.pool_key = pool.pool_key))`,
    ...callable(FOR_DEVELOPERS, `${developer}, ${manager}`),
    ...callable(FOR_MANAGERS, manager),
  ].join(';\n');
}

/** A function is named by its types, which PostgreSQL finds where there is but one of the name. */
const callable = (names: readonly string[], to: string): string[] =>
  names.map((name) => `GRANT EXECUTE ON FUNCTION ${name} TO ${to}`);
