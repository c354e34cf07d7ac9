// Where the team's database is put in: the only file beside `stores` that knows it. Rule: nothing of it is loaded by hooks.

import type { PricingPolicy } from '../pricing/policy.ts';
import { RATE_CARDS } from '../pricing/rate-cards.ts';
import { connect } from '../stores/postgres/connect.ts';
import {
  type InitOutcome,
  initTeam,
  type NewTeam,
  rateRows,
  schemaText,
} from '../stores/postgres/init-team.ts';
import { openTeamStore } from '../stores/postgres/postgres.ts';
import { newPassword, verifierOf } from '../stores/postgres/verifier.ts';
import type { TeamAddress, TeamStore } from '../stores/team-store.ts';

export { schemaText };

/** Connects; `password`: `undefined` leaves it to a pgpass file. Throws `TollgateError`. */
export const openTeam = async (
  address: TeamAddress,
  password: string | undefined,
  timeoutMs?: number,
): Promise<TeamStore> => openTeamStore(await connect(address, password, timeoutMs));

/** Makes a team, or upgrades it, by an administrator's rights. Throws `TollgateError`. */
export async function makeTeam(
  address: TeamAddress,
  password: string | undefined,
  team: NewTeam,
  pricing: Pick<PricingPolicy, 'multiplierPpm'>,
): Promise<InitOutcome & { readonly store: TeamStore }> {
  const connection = await connect(address, password);
  const search = RATE_CARDS[0].webSearchPicoUsd;
  const made = await initTeam(
    address.database,
    team,
    rateRows(RATE_CARDS),
    search,
    pricing,
    connection,
  );
  return { ...made, store: openTeamStore(connection) };
}

/** A password, and what the server is given instead of it. */
export function newSecret(): { readonly password: string; readonly verifier: string } {
  const password = newPassword();
  return { password, verifier: verifierOf(password) };
}
