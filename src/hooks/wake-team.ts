// Starts the process that talks to the team, where this machine belongs to one and none is at work. Rule: nobody waits for it here; hooks never wait for
// a network.
import { LONGEST_CLAIM_MS } from '../domain/team-share.ts';
import { startDetached } from '../runtime/detached.ts';
import type { Store } from '../stores/store.ts';

/** Never throws. */
export function wakeTeam(
  store: Pick<Store, 'readTeam'>,
  env: NodeJS.ProcessEnv,
  cwd: string,
): void {
  try {
    const team = store.readTeam();
    const now = Date.now();
    if (team === null || (team.workerUntil > now && team.workerUntil <= now + LONGEST_CLAIM_MS))
      return;
    const cli = `${import.meta.dirname}/../cli/main.js`;
    startDetached(process.execPath, [cli, 'team', 'sync', '--background'], { env, cwd });
  } catch {
    // What was decided stands, and the next event tries again.
  }
}
