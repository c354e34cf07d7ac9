// Connects a command to the team of this machine. Rule: a password comes from the environment, a file of its owner alone, a program, or a pgpass
// file; never from a repository, never from the command line.
import { readSecret } from '../../alerts/secrets.ts';
import type { SecretPlace } from '../../config/config.ts';
import { stateHome } from '../../config/paths.ts';
import type { TeamAddress, TeamStore } from '../../stores/team-store.ts';
import { type Membership, requireMembership } from '../../team/membership.ts';
import type { CliContext } from '../command.ts';

/** `undefined`: a pgpass file has it, where there is one. Throws `TollgateError` `SECRET_MISSING`. */
export async function passwordFrom(
  place: SecretPlace | null,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (env.TOLLGATE_TEAM_PASSWORD) return env.TOLLGATE_TEAM_PASSWORD;
  return place === null ? env.PGPASSWORD : await readSecret(place, env);
}

/** What prints the password, as an option names it. */
export const commandPlace = (option: unknown): SecretPlace | null =>
  typeof option === 'string' ? { command: option.trim().split(/\s+/) } : null;

/** The team of this machine for the length of `work`. Throws `TollgateError`. */
export async function withTeam<T>(
  { env }: CliContext,
  work: (team: TeamStore, membership: Membership) => Promise<T>,
): Promise<T> {
  const membership = requireMembership(stateHome(env));
  const password = await passwordFrom(membership.password, env);
  return withConnection(membership.address, password, (team) => work(team, membership));
}

/** The same with rights of another role. */
export async function withConnection<T>(
  address: TeamAddress,
  password: string | undefined,
  work: (team: TeamStore) => Promise<T>,
): Promise<T> {
  const { openTeam } = await import('../../team/open-team.ts');
  const team = await openTeam(address, password);
  try {
    return await work(team);
  } finally {
    await team.close();
  }
}
