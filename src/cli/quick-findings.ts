// What keeps the guard from working, as far as it is known at once, for commands that say so in passing.
import { QUICK_CHECKS } from '../doctor/checks.ts';
import { examine } from '../doctor/examine.ts';
import type { ToldFinding } from '../doctor/findings.ts';
import type { CliContext } from './command.ts';
import { doctorWorld } from './doctor-world.ts';

/** Errors and warnings of the quick checks; no process is started for them. */
export async function quickFindings(context: CliContext): Promise<readonly ToldFinding[]> {
  const world = {
    ...doctorWorld(context),
    rehearse: async () => [],
    // Without its version nobody can say that the host would block.
    readHost: () => ({ version: null, features: [{ name: '', since: '', has: false }] }),
  };
  const examined = await examine(QUICK_CHECKS, world, false);
  const rank = ['error', 'warning'];
  return examined
    .flatMap(({ findings }) => findings)
    .filter(({ severity }) => severity !== 'note')
    .sort((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity));
}

/** One line on stderr for all of them; nothing where all is well. */
export function tellFindings(
  [first, ...others]: readonly ToldFinding[],
  { emit }: CliContext,
): void {
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  emit(`tollgate: ${first.severity}: ${first.message}${more} Next: tollgate doctor`);
}
