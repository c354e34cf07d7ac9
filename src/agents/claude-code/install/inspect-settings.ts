// What Claude Code's settings say of our hooks, scope by scope, and which hooks it runs. Rule: reads only.
// Sources: client 2.1.330, seen 2026-11-28: managed hooks survive `disableAllHooks` of other files, all others do not.

import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { parse } from 'jsonc-parser';
import { errorCode, readBytes } from './files.ts';
import { isOurHook } from './hook-entries.ts';
import type { HookCommand, ToolHook } from './hook-entry.ts';
import { type HookObstacle, MANAGED_SETTINGS, readHookObstacles } from './host-settings.ts';
import { settingsPathOf } from './install.ts';
import { inPluginFolder, pluginFolders, pluginHooksFile } from './plugin-files.ts';
import { isStrictJson } from './strict-json.ts';

export type SettingsScopeName = 'managed' | 'user' | 'project' | 'local';

/** One hook of ours, as it stands in a settings file or in the plugin. */
export interface InspectedHook {
  readonly scope: SettingsScopeName | 'plugin';
  readonly event: string;
  /** A request may follow: where this hook lets through, money is spent. */
  readonly isGate: boolean;
  readonly hook: HookCommand | ToolHook;
  readonly isResident: boolean;
  readonly blocksOnFailure: boolean;
  /** Files that the hook needs and that are not there. */
  readonly missingFiles: readonly string[];
}

export interface InspectedScope {
  readonly scope: SettingsScopeName;
  readonly file: string;
  readonly state: 'absent' | 'read' | 'skipped' | 'unreadable';
  readonly hooks: readonly InspectedHook[];
  /** Names of plugins that are Tollgate, enabled here and not disabled by a stronger scope. */
  readonly plugins: readonly string[];
}

export interface InspectedSettings {
  readonly scopes: readonly InspectedScope[];
  readonly obstacles: readonly HookObstacle[];
  readonly hooksInForce: readonly InspectedHook[];
  /** Where the plugin is; `null`: none is enabled. */
  readonly pluginFolder: string | null;
}

const GATES: ReadonlySet<string> = new Set([
  'UserPromptSubmit',
  'PreToolUse',
  'PostToolBatch',
  'PostToolUse',
]);

type Settings = Readonly<Record<string, unknown>>;

/** Everything the settings of a project say of our hooks. */
export function inspectSettings(
  projectRoot: string,
  environment: NodeJS.ProcessEnv,
  managedFile = MANAGED_SETTINGS,
): InspectedSettings {
  const place = (scope: 'user' | 'project' | 'local') => ({
    scope,
    file: settingsPathOf(scope, projectRoot, environment),
  });
  const decided = new Set<string>();
  const scopes = [
    { scope: 'managed' as const, file: managedFile },
    place('local'),
    place('project'),
    place('user'),
  ].map(({ scope, file }) => inspectScope(scope, file, projectRoot, decided));
  const obstacles = readHookObstacles(projectRoot, environment, managedFile);
  const isOff = (scope: SettingsScopeName, file: string) =>
    obstacles.some(
      (each) =>
        each.code !== 'SETTINGS_SKIPPED' &&
        // The administrator's own hooks stop only for the administrator's own switch.
        (scope !== 'managed' || (each.code === 'HOOKS_DISABLED' && each.file === file)),
    );
  const hooksInForce = scopes
    .filter(({ state, scope, file }) => state === 'read' && !isOff(scope, file))
    .flatMap(({ hooks }) => hooks);
  const [pluginFolder = null] = scopes
    .flatMap(({ plugins }) => plugins)
    .flatMap((name) => pluginFolders(name, environment));
  const arePluginsOff = obstacles.some(({ code }) => code !== 'SETTINGS_SKIPPED');
  if (pluginFolder !== null && !arePluginsOff) {
    hooksInForce.push(...hooksOfPlugin(pluginFolder, projectRoot));
  }
  return { scopes, obstacles, hooksInForce, pluginFolder };
}

/** `decided`: plugins that a stronger scope enables or disables; those of this scope are added. */
function inspectScope(
  scope: SettingsScopeName,
  file: string,
  projectRoot: string,
  decided: Set<string>,
): InspectedScope {
  const { state, settings } = readSettings(file);
  const switches = state === 'read' ? settings.enabledPlugins : undefined;
  const own = Object.entries((switches as Settings | undefined) ?? {}).filter(
    ([name]) => /^tollgate@/.test(name) && !decided.has(name),
  );
  for (const [name] of own) decided.add(name);
  const plugins = own.filter(([, isOn]) => isOn === true).map(([name]) => name);
  return { scope, file, state, plugins, hooks: hooksIn(settings, scope, projectRoot) };
}

function hooksOfPlugin(folder: string, projectRoot: string): readonly InspectedHook[] {
  const { settings } = readSettings(pluginHooksFile(folder));
  return hooksIn(inPluginFolder(settings, folder), 'plugin', projectRoot);
}

function readSettings(file: string): { state: InspectedScope['state']; settings: Settings } {
  let text: string | null;
  try {
    text = readBytes(file)?.toString('utf8') ?? null;
  } catch (error) {
    return { state: errorCode(error) === 'ENOTDIR' ? 'absent' : 'unreadable', settings: {} };
  }
  if (text === null) return { state: 'absent', settings: {} };
  const value: unknown = parse(text.replace('\uFEFF', ''), [], { allowTrailingComma: true });
  const settings = typeof value === 'object' && value !== null ? (value as Settings) : {};
  return { state: isStrictJson(text) ? 'read' : 'skipped', settings };
}

function hooksIn(
  settings: Settings,
  scope: InspectedHook['scope'],
  projectRoot: string,
): InspectedHook[] {
  const events = Object.entries((settings.hooks as Settings | undefined) ?? {});
  return events.flatMap(([event, groups]) =>
    (Array.isArray(groups) ? groups : [])
      .flatMap((group: { hooks?: unknown } | null) =>
        Array.isArray(group?.hooks) ? (group.hooks as unknown[]) : [],
      )
      .filter(isOurHook)
      .map((hook) => inspectHook(scope, event, hook as HookCommand | ToolHook, projectRoot)),
  );
}

function inspectHook(
  scope: InspectedHook['scope'],
  event: string,
  hook: HookCommand | ToolHook,
  projectRoot: string,
): InspectedHook {
  const isResident = hook.type !== 'command';
  const files = hook.type === 'command' ? filesOf(hook, projectRoot) : [];
  return {
    ...{ scope, event, hook, isResident },
    isGate: GATES.has(event),
    blocksOnFailure: hook.onFailure === 'block',
    missingFiles: files.filter((file) => !existsSync(file)),
  };
}

/** Node and the hook, as far as they are absolute paths: others are looked for on PATH. */
function filesOf({ command, args }: HookCommand, projectRoot: string): string[] {
  const words = args === undefined ? wordsOf(command) : [command, ...args];
  return words
    .map((word) => word.replaceAll(`\${CLAUDE_PROJECT_DIR}`, projectRoot))
    .filter(isAbsolute);
}

/** The words of a line that we wrote for a shell: bare, or in quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'((?:[^']|'\\'')*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single?.replaceAll("'\\''", "'") ?? double ?? bare ?? '',
  );
}
