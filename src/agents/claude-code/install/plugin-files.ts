// The hooks of our plugin of Claude Code, and where an installed plugin is. Rule: nothing in them belongs to one machine.
// Source: client 2.1.330, seen 2026-11-28.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claudeFolder } from '../paths.ts';
import { hookEntries, hookFilesIn } from './hook-entries.ts';
import type { HookEntry } from './hook-entry.ts';
import { ON_FAILURE_SINCE } from './host-version.ts';
import { withGateMode } from './resident-entries.ts';
import { PLUGIN_FLAG } from './resident-names.ts';

/** The plugin's folder as Claude Code fills it in. */
const PLUGIN_ROOT_PLACEHOLDER = `\${CLAUDE_PLUGIN_ROOT}`;

/** The file of a plugin that holds its hooks; laid out like a settings file. */
export const pluginHooksFile = (root: string): string => join(root, 'hooks', 'hooks.json');

/** The plugin's hooks: tool calls are answered by the server that Claude Code starts with the plugin. */
export function pluginHookEntries(): readonly HookEntry[] {
  const entries = hookEntries({
    hookFiles: hookFilesIn(`${PLUGIN_ROOT_PLACEHOLDER}/dist/hooks`),
    nodePath: 'node',
    nodeVersion: process.versions.node,
    // Plugins are installed by clients that are newer still.
    hostVersion: ON_FAILURE_SINCE,
    envPath: null,
    extraCaCerts: false,
  });
  const marked = entries.map(({ event, group }): HookEntry => {
    const [hook] = group.hooks;
    const args = [...(hook.args ?? []), PLUGIN_FLAG];
    return { event, group: { ...group, hooks: [{ ...hook, args }] } };
  });
  return withGateMode(marked, '--resident');
}

/** The server of the plugin, as its manifest names it. */
export const PLUGIN_SERVER_ENTRY = {
  command: 'node',
  args: [`${PLUGIN_ROOT_PLACEHOLDER}/dist/cli/main.js`, 'mcp', PLUGIN_FLAG],
};

/** The folders of an installed plugin, `tollgate@market`; empty where Claude Code knows none. */
export function pluginFolders(name: string, environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    const file = join(claudeFolder(environment), 'plugins', 'installed_plugins.json');
    const { plugins } = JSON.parse(readFileSync(file, 'utf8')) as {
      plugins?: Record<string, readonly { installPath?: unknown }[]>;
    };
    return (plugins?.[name] ?? []).flatMap(({ installPath }) =>
      typeof installPath === 'string' ? [installPath] : [],
    );
  } catch {
    return []; // no plugin was ever installed, or by a client that keeps other notes
  }
}

/** Hooks of the plugin in this folder, as Claude Code would start them. */
export function inPluginFolder<T extends object>(hooks: T, root: string): T {
  const quoted = JSON.stringify(root).slice(1, -1);
  return JSON.parse(JSON.stringify(hooks).replaceAll(PLUGIN_ROOT_PLACEHOLDER, () => quoted)) as T;
}
