// The entry under which the client knows our server. Rule: the client's own command writes it, since the client
// writes to the same file while it runs; we only look whether it is there.
// Source: `claude mcp add-json --help` of client 2.1.330, seen 2026-11-22.
import { execFileSync } from 'node:child_process';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { TollgateError } from '../../../errors.ts';
import { claudeStateFile } from '../paths.ts';
import { readBytes } from './files.ts';
import type { InstallScope } from './install.ts';
import { LAUNCHER_NAME } from './launcher-name.ts';
import { RESIDENT_SERVER } from './resident-names.ts';

/** The server as the client keeps it. */
export interface ServerEntry {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
}

/** Where the entry belongs, and for whom the client is run. */
export interface ServerPlace {
  readonly scope: InstallScope;
  readonly projectRoot: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** `nodePath` and `cliFile` (`dist/cli/main.js`) are absolute. */
export function serverEntry(nodePath: string, cliFile: string): ServerEntry {
  return { type: 'stdio', command: nodePath, args: [cliFile, 'mcp'] };
}

/** The same through the project's launcher. The client fills in the folder where it knows it, else it is its own. */
export function projectServerEntry(): ServerEntry {
  const launcher = `\${CLAUDE_PROJECT_DIR:-.}/.claude/${LAUNCHER_NAME}`;
  return { type: 'stdio', command: 'node', args: [launcher, 'mcp'] };
}

/** The file that holds the servers of a scope. */
export function serverPath({ scope, projectRoot, environment }: ServerPlace): string {
  if (scope === 'project') return join(projectRoot, '.mcp.json');
  return claudeStateFile(environment);
}

/** Makes the client know this server; false when it does already. Throws `TollgateError` when it refuses. */
export function addServer(place: ServerPlace, entry: ServerEntry): boolean {
  const known = readServer(place);
  if (isDeepStrictEqual(known, entry)) return false;
  if (known !== null) removeServer(place);
  runHost(place, ['add-json', '--scope', place.scope, RESIDENT_SERVER, JSON.stringify(entry)]);
  return true;
}

/** Makes the client forget our server; false when it knows none. Throws `TollgateError` when it refuses. */
export function removeServer(place: ServerPlace): boolean {
  if (place.scope === 'managed') return false;
  if (readServer(place) === null) return false;
  runHost(place, ['remove', '--scope', place.scope, RESIDENT_SERVER]);
  if (place.scope === 'project') dropEmpty(serverPath(place));
  return true;
}

/** The entry as it is; `null` where there is none, or a file that nobody can read. */
export function readServer(place: ServerPlace): unknown {
  const all = parsed(serverPath(place));
  const own = place.scope === 'local' ? fieldOf(fieldOf(all, 'projects'), place.projectRoot) : all;
  return fieldOf(fieldOf(own, 'mcpServers'), RESIDENT_SERVER) ?? null;
}

function runHost({ projectRoot, environment }: ServerPlace, words: readonly string[]): void {
  const client = environment.TOLLGATE_CLAUDE || 'claude';
  try {
    execFileSync(client, ['mcp', ...words], {
      cwd: projectRoot,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: 30_000,
      windowsHide: true,
    });
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    throw new TollgateError({
      code: 'SETTINGS_REFUSED',
      message: `${client} mcp ${words[0]} did not work: ${stderr?.trim() || (cause as Error).message}`,
      hint: 'put Claude Code on PATH (or name it in TOLLGATE_CLAUDE) and run this again; without --resident no server is needed',
      cause,
    });
  }
}

/** A file that holds nothing any more was made for our server. */
function dropEmpty(path: string): void {
  if (isDeepStrictEqual(parsed(path), { mcpServers: {} })) unlinkSync(path);
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readBytes(path)?.toString('utf8') ?? 'null');
  } catch {
    return null; // the client says so itself, at every start
  }
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
