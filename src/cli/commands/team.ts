// `tollgate team`: one ledger and one set of ceilings for several machines, in PostgreSQL. Rule: what changes who belongs to it or what it may spend is
// for people.
import { Argument, type Command, Option } from 'commander';
import type { CliContext } from '../command.ts';
import { knownSessions } from '../context.ts';
import { gather } from '../options.ts';
import { requirePerson } from '../person.ts';
import { init, invite, join, leave, reclaim, revoke } from '../team/belonging.ts';
import { budget, TEAM_PERIODS } from '../team/budgets.ts';
import { grant, halt, offline, resume } from '../team/control.ts';
import { prune } from '../team/prune.ts';
import type { TeamRequest } from '../team/request.ts';
import { status } from '../team/status.ts';
import { sync } from '../team/sync.ts';

const ACTIONS: Readonly<Record<string, (request: TeamRequest) => Promise<number>>> = {
  status,
  init,
  invite,
  join,
  leave,
  revoke,
  reclaim,
  budget,
  grant,
  halt,
  resume,
  offline,
  prune,
  sync,
};
/** Whoever they are given by, nothing is loosened. */
const FOR_ALL: readonly string[] = ['status', 'sync'];

const budgetOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--period <period>', 'budget set: default: day, or the budget’s name').choices(
        TEAM_PERIODS,
      ),
    )
    .option('--hard <dollars>', 'budget set: no request crosses it')
    .option('--soft <dollars>', 'budget set: crossing it warns')
    .option('--reason <text>', 'grant, halt: why, for the record')
    .option('--before <day>', 'prune: remove the entries of all days before; their sums stay')
    .option('--since <day>', 'sync: send all from this day on again: a backup was restored')
    .option('--background', 'sync: as hooks start it: stay for as long as something happens')
    .option('--per <label>', 'budget set: one ceiling for each developer, repository, …', gather)
    .option(
      '--where <label:pattern>',
      'budget set: what counts: repository:github.com/acme/*',
      gather,
    )
    .addOption(
      new Option('--mode <mode>', 'budget set; default: enforce').choices([
        'enforce',
        'warn',
        'observe',
      ]),
    );

export function describe(command: Command): void {
  budgetOptions(command)
    .addArgument(
      new Argument('[action]', 'what to do; default: status').choices(Object.keys(ACTIONS)),
    )
    .argument(
      '[words...]',
      'init: the address; invite: whom; join: the code; budget: set, list or remove',
    )
    .option('--name <name>', 'init: what the team is called; default: its database')
    .option('--timezone <zone>', 'init: where its days begin; default: the configured zone')
    .option('--developer <address>', 'init: who you are; default: git’s own address here')
    .option('--password-command <command>', 'init: a program that prints the password')
    .option(
      '--ca-file <file>',
      'init, join: the authority that has signed the server’s certificate',
    )
    .option('--print-sql', 'init: print the schema and do nothing')
    .option('--manager', 'invite: may read all and set budgets')
    .option('--expires <span>', 'invite: how long the code may be used; default: 2d')
    .option('--machine <name>', 'join: what this machine is called; default: its host name')
    .option('--force', 'leave: also where the database cannot be reached')
    .option('--json', 'print JSON (schemas tollgate/team@1, -init@1, -invite@1, -budgets@1 …)')
    .addHelpText(
      'after',
      `
The database is PostgreSQL 15 or later, and there is no other server. Each machine has a role of its own, which adds its
entries and takes leases, and does nothing else. The administrator's password for init comes from PGPASSWORD, a pgpass file
or --password-command. How to run it: docs/team.md

Examples:
  tollgate team init postgres://admin@db.acme.example/tollgate
  tollgate team invite mia@acme.example
  tollgate team join tollgate-team-…
  tollgate team budget set day --per developer --hard 40
  tollgate team budget set shop --where repository:github.com/acme/shop --period month --hard 900
  tollgate team grant day 5 --where developer:mia@acme.example --reason 'release'
  tollgate team halt repository:github.com/acme/shop
  tollgate team offline warn
  tollgate team prune --before 400d
  tollgate team sync --since 2026-11-28
  tollgate team status`,
    );
}

export function run(
  [action = 'status', ...words]: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const isReading = FOR_ALL.includes(action) || options.printSql === true;
  if (!isReading) requirePerson(`team ${action}`, context, knownSessions(context));
  return (ACTIONS[action] ?? status)({ words, options, context });
}
