// Whether the hooks that the host runs are there, start, and answer.
import type { Check, InstalledHook, ScopeName } from './check.ts';
import type { Finding } from './findings.ts';

export const hooks: Check = {
  name: 'hooks',
  run: async (world) => {
    const { scopes, hooksInForce } = world.readSettings();
    // Hooks that are there and not in force are the settings' own finding.
    const isAnywhere = scopes.some((each) => each.plugins.length > 0 || each.hooks.length > 0);
    const missing = hooksInForce.flatMap(missingOf);
    // A hook whose file is not there need not be run to know that it fails.
    const failed = missing.length > 0 ? [] : await world.rehearse();
    const findings: Finding[] = [
      ...missing,
      ...failed.map(({ event, message }): Finding => {
        return { code: 'HOOK_FAILED', values: { event, reason: message } };
      }),
      ...outdatedOf(
        hooksInForce,
        world.readHost().features.every(({ has }) => has),
      ),
    ];
    if (!isAnywhere) findings.unshift({ code: 'HOOKS_NOT_INSTALLED' });
    const workingCount = hooksInForce.length - missing.length - failed.length;
    return {
      summary: `${workingCount} of ${hooksInForce.length} work`,
      facts: { hookCount: hooksInForce.length, workingCount },
      findings,
    };
  },
  fix: async ({ code, values }, { reinstall }) => {
    if (code !== 'HOOK_FILE_MISSING' && code !== 'HOOKS_OUTDATED') return null;
    const scope = values?.scope as ScopeName;
    if (scope === 'managed') return null; // the administrator's
    await reinstall(scope);
    return `the hooks of the ${scope} settings were written anew`;
  },
};

function missingOf({ scope, event, missingFiles }: InstalledHook): Finding[] {
  const [path] = missingFiles;
  if (path === undefined) return [];
  const code = scope === 'plugin' ? 'PLUGIN_FILE_MISSING' : 'HOOK_FILE_MISSING';
  return [{ code, path, values: { scope, event } }];
}

/** One finding for each scope whose gates let through when they fail, where the host could block. */
function outdatedOf(installed: readonly InstalledHook[], canBlock: boolean): Finding[] {
  if (!canBlock) return [];
  const weak = installed.filter(({ isGate, blocksOnFailure }) => isGate && !blocksOnFailure);
  return [...new Set(weak.map(({ scope }) => scope))].map((scope) => {
    return { code: 'HOOKS_OUTDATED', values: { scope } };
  });
}
