// Whether this program is the one inside a plugin of Claude Code, and where that is. Rule: hooks ask this, so it costs
// one look at the disk.
import { existsSync } from 'node:fs';

const BUILT = /^(.*)[\\/]dist(?:[\\/](?:hooks|cli))?$/;

/** Found out when it is first asked for: no program moves while it runs. */
let known: string | null | undefined;

/** The plugin's folder; `null`: this program was installed in another way. */
export function pluginRoot(): string | null {
  if (known === undefined) {
    const folder = BUILT.exec(import.meta.dirname)?.[1];
    const isPlugin = folder !== undefined && existsSync(`${folder}/.claude-plugin/plugin.json`);
    known = isPlugin ? folder : null;
  }
  return known;
}

/** How a person runs the command line of the plugin, in a terminal. */
export const pluginCommand = (root: string): string => `node '${root}/dist/cli/main.js'`;
