// Which mistake in a configuration leaves a ceiling unenforced. Rule: pure; doubt counts against the agent, so a file
// that cannot be read as a whole may have meant a ceiling.
import type { ConfigProblem } from './config.ts';
import type { CachedConfig } from './config-cache.ts';
import { isNoLimit } from './root-keys.ts';

/**
 * The first mistake that hides a ceiling no earlier configuration holds; `null` when every ceiling that was meant is
 * in force, be it at its last good value.
 */
export function unreadCeiling(
  known: Pick<CachedConfig, 'config' | 'problems' | 'basis'>,
): ConfigProblem | null {
  const { config, problems, basis } = known;
  return (
    problems.find(
      (problem) =>
        problem.kind === 'mistake' &&
        meansLimit(problem) &&
        !(basis === 'last-good' && isHeld(problem, config.origins)),
    ) ?? null
  );
}

function meansLimit({ path }: ConfigProblem): boolean {
  return !isNoLimit(/^[^.[]*/.exec(path)?.[0] ?? '');
}

/** Whether the last good configuration has a limit from the same file, or settings where the file is lost as a whole. */
function isHeld({ file, path }: ConfigProblem, origins: Readonly<Record<string, string>>): boolean {
  return Object.entries(origins).some(
    ([key, origin]) => origin === file && (path === '' || /^budgets\..*\.hard$|^fanOut$/.test(key)),
  );
}
