// Every settings scope of the host: where our hooks are, and what keeps the host from running them.
import type { Check, SettingsScope } from './check.ts';
import type { Finding } from './findings.ts';

export const settings: Check = {
  name: 'settings',
  run: ({ readSettings }) => {
    const { scopes, hooksInForce, obstacles } = readSettings();
    const findings = [
      ...scopes.flatMap(findingsOf),
      // What an obstacle leaves in force is enough.
      ...obstacles
        .filter(({ code }) => code === 'SETTINGS_SKIPPED' || hooksInForce.length === 0)
        .map(({ code, file, message }): Finding => {
          return { code, path: file, values: { reason: message } };
        }),
    ];
    const places = scopes.flatMap(({ scope, state, hooks, plugins }) => [
      ...(state === 'read' && hooks.length > 0 ? [scope] : []),
      ...plugins.map((name) => `plugin ${name}`),
    ]);
    const distinct = [...new Set<string>(places)];
    if (distinct.length > 1) {
      findings.push({ code: 'DOUBLE_INSTALLATION', values: { places: distinct.join(', ') } });
    }
    return {
      summary: distinct.length === 0 ? 'no hooks in any scope' : `hooks in ${distinct.join(', ')}`,
      facts: {
        scopes: scopes.map(({ scope, file, state, hooks, plugins }) => ({
          ...{ scope, file, state, hookCount: hooks.length, plugins },
        })),
        hooksInForceCount: hooksInForce.length,
      },
      findings,
    };
  },
};

function findingsOf({ file: path, state, hooks }: SettingsScope): Finding[] {
  if (state === 'unreadable') return [{ code: 'SETTINGS_UNREADABLE', path }];
  if (state === 'skipped' && hooks.length === 0) return [{ code: 'OTHER_SETTINGS_SKIPPED', path }];
  return [];
}
