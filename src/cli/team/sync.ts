// `tollgate team sync`: sends what was spent and fetches what the team has decided. Hooks start it by themselves (`--background`); then it stays for as long as
// something happens.
import { randomUUID } from 'node:crypto';
import { stateHome } from '../../config/paths.ts';
import { formatUsd } from '../../domain/money.ts';
import { parseSpan } from '../../reports/time-range.ts';
import { requireMembership } from '../../team/membership.ts';
import { runTeamWorker } from '../../team/worker.ts';
import { withStore } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { textOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { passwordFrom } from './connection.ts';
import type { TeamRequest } from './request.ts';

/** A question takes no longer: a hook may be waiting. */
const CONNECT_MS = 5_000;

export async function sync({ options, context }: TeamRequest): Promise<number> {
  const { address, password } = requireMembership(stateHome(context.env));
  const since = textOf(options.since);
  const { openTeam } = await import('../../team/open-team.ts');
  return withStore(context, async (store) => {
    if (store.readTeam() === null) store.immediately(() => store.enterTeam());
    if (since !== undefined) {
      const { startAt } = parseSpan(since, undefined, context.now, 'UTC');
      store.immediately(() => store.resendTeamEntries(startAt));
    }
    const done = await runTeamWorker({
      store,
      open: async () => openTeam(address, await passwordFrom(password, context.env), CONNECT_MS),
      owner: randomUUID(),
      clock: Date.now,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      isOnce: options.background !== true,
    });
    const leases = store.readHeldLeases();
    if (options.background === true) return FINE;
    if (options.json) printJson({ schema: 'tollgate/team-sync@1', ...done, leases }, context);
    else if (!done.isOurs) context.print('Another process is sending already\n');
    else {
      const { sentCount, addedCount, flaggedCount, skippedCount } = done;
      const also = [
        ...(flaggedCount === 0 ? [] : [`${flaggedCount} cost otherwise by the team's rate card`]),
        ...(skippedCount === 0
          ? []
          : [`${skippedCount} not taken: of other times, or told by another machine`]),
      ];
      context.print(
        `${[`${sentCount} entries sent, ${addedCount} of them new to the team`, ...also].join('; ')}\n`,
      );
      for (const { shareKey, spentNanoUsd, outstandingNanoUsd } of leases) {
        context.print(
          `${shareKey}: ${formatUsd(spentNanoUsd)} spent, ${formatUsd(outstandingNanoUsd)} held\n`,
        );
      }
    }
    return FINE;
  });
}
