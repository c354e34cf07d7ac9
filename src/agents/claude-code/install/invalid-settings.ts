// Values in a settings file for which Claude Code skips the whole file. PURE.
// Source: client 2.1.330, seen and read 2026-11-28: one value of the wrong type is enough; unknown names are no harm.

type Settings = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Types of handlers the client knows; of others it reads nothing. */
const COMMAND = 'command';

/** Where the first such value is, as `hooks.PreToolUse[0].hooks[0].timeout`; `null`: none is known. */
export function invalidValueIn(settings: unknown): string | null {
  if (!isObject(settings)) return 'the file itself';
  const { hooks, permissions, env, disableAllHooks, enabledPlugins } = settings;
  if (hooks !== undefined) {
    const path = isObject(hooks) ? invalidHook(hooks) : 'hooks';
    if (path !== null) return path;
  }
  if (disableAllHooks !== undefined && typeof disableAllHooks !== 'boolean') {
    return 'disableAllHooks';
  }
  for (const [name, value] of Object.entries({ permissions, env, enabledPlugins })) {
    if (value !== undefined && !isObject(value)) return name;
  }
  for (const list of ['allow', 'ask', 'deny']) {
    const rules = isObject(permissions) ? permissions[list] : undefined;
    if (rules !== undefined && !Array.isArray(rules)) return `permissions.${list}`;
  }
  return null;
}

function invalidHook(hooks: Settings): string | null {
  for (const [event, groups] of Object.entries(hooks)) {
    if (!Array.isArray(groups)) return `hooks.${event}`;
    for (const [at, group] of groups.entries()) {
      const place = `hooks.${event}[${at}]`;
      if (!isObject(group)) return place;
      if (group.matcher !== undefined && typeof group.matcher !== 'string') {
        return `${place}.matcher`;
      }
      if (!Array.isArray(group.hooks)) return `${place}.hooks`;
      for (const [index, hook] of group.hooks.entries()) {
        const wrong = invalidField(hook);
        if (wrong !== null) return `${place}.hooks[${index}]${wrong}`;
      }
    }
  }
  return null;
}

/** The field of a handler that has a wrong value, as `.timeout`; empty: the handler itself. */
function invalidField(hook: unknown): string | null {
  if (!isObject(hook) || typeof hook.type !== 'string') return '';
  const { command, args, timeout, onFailure } = hook;
  if (hook.type === COMMAND && typeof command !== 'string') return '.command';
  if (args !== undefined && !(Array.isArray(args) && args.every((arg) => typeof arg === 'string')))
    return '.args';
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) return '.timeout';
  if (onFailure !== undefined && onFailure !== 'block' && onFailure !== 'continue')
    return '.onFailure';
  return null;
}
