// Puts the resident gate into a world that `tollgate init` has set up, as `init --resident` does.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { residentEntries } from '../../src/agents/claude-code/resident-entries.ts';
import type { World } from './world.ts';

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');

interface Settings {
  hooks: Record<string, unknown[]>;
  [key: string]: unknown;
}

/** Replaces the command hooks of the resident events; `command` stands in for node, to break the server. */
export async function makeResident(world: World, command = process.execPath): Promise<void> {
  const entries = residentEntries({ nodePath: command, cliFile: CLI });
  const file = join(world.repo, '.claude', 'settings.json');
  const settings = JSON.parse(await readFile(file, 'utf8')) as Settings;
  for (const { event, group } of entries.hooks) settings.hooks[event] = [group];
  settings.enabledMcpjsonServers = entries.settings.enabledMcpjsonServers;
  await writeFile(file, JSON.stringify(settings));
  await writeFile(join(world.repo, '.mcp.json'), JSON.stringify({ mcpServers: entries.server }));
}
