// The team's ledger for commands that read. Rule: whoever may not read all of it is told so.
import type { ReportReads } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { withTeam } from './connection.ts';

export const TEAM_OPTION = [
  '--team',
  "read the team's ledger instead of this machine's (see tollgate team)",
] as const;

/** The team's ledger for the length of `work`, and the zone in which the team's days begin. */
export const withTeamReads = <T>(
  context: CliContext,
  work: (reads: ReportReads, timeZone: string) => Promise<T>,
): Promise<T> =>
  withTeam(context, async (store) => {
    const { kind, team } = await store.pullState();
    if (kind === 'developer') {
      context.emit(
        "tollgate: this machine's role reads the entries it has sent; a manager's reads the whole team's",
      );
    }
    return work(store, team.timeZone);
  });
