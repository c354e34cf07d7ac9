// Where Claude Code keeps things. Source: client 2.1.330, read 2026-11-21.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { agentId, type SessionId, sessionId } from '../../domain/ids.ts';
import { below, homeOf } from '../../runtime/places.ts';
import type { OnUnreadable, TranscriptFile } from '../agent.ts';
import { tellUnlessGone, walkFolder } from './walk-folder.ts';

/** The folder of Claude Code: the first that `CLAUDE_CONFIG_DIR` names, or `.claude` in the home folder. */
export const claudeFolder = (env: NodeJS.ProcessEnv): string =>
  claudeFolders(env)[0] ?? ownFolder(env);

const ownFolder = (env: NodeJS.ProcessEnv): string => below(homeOf(env), '.claude');

/** Commas, ends of lines, and what stands between folders in `PATH`. */
const BETWEEN_FOLDERS = delimiter === ';' ? /[,;\n]/ : /[,;:\n]/;

/**
 * The folders of Claude Code. `CLAUDE_CONFIG_DIR` may name several, also as `PATH` does; `~` is the home folder, a path
 * that is not absolute starts at the working folder, and the `projects` of a folder stands for the folder itself.
 */
export function claudeFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const named = env.CLAUDE_CONFIG_DIR;
  if (!named) return [ownFolder(env)];
  // A folder's own name may have such signs in it.
  const isList = BETWEEN_FOLDERS.test(named) && !existsSync(named);
  const parts = isList ? named.split(BETWEEN_FOLDERS) : [named];
  const folders = parts.map((part) => part.trim()).filter((part) => part !== '');
  const found = folders.map((folder) => plainFolder(folder, env));
  return found.length === 0 ? [ownFolder(env)] : [...new Set(found)];
}

function plainFolder(folder: string, env: NodeJS.ProcessEnv): string {
  const isHome = folder === '~' || folder.startsWith('~/');
  const path = resolve(isHome ? `${homeOf(env)}/${folder.slice(2)}` : folder);
  const isInside = basename(path) === 'projects' && !existsSync(`${path}/projects`);
  return isInside ? dirname(path) : path;
}

/** Where the client keeps what it knows of its user, servers of one's own among it. */
export function claudeStateFile(env: NodeJS.ProcessEnv): string {
  const folder = claudeFolder(env);
  return env.CLAUDE_CONFIG_DIR ? below(folder, '.claude.json') : `${folder}.json`;
}

/** A pattern of the main transcripts in a client folder. */
export const transcriptsPattern = (folder: string): string => join(folder, 'projects', '*.jsonl');

const NOBODY = () => {};

/** The main transcript and those of its subagents, nested and workflow ones too. */
export function transcriptFiles(
  mainPath: string,
  onUnreadable: OnUnreadable = NOBODY,
): readonly TranscriptFile[] {
  const folder = `${mainPath.endsWith('.jsonl') ? mainPath.slice(0, -6) : mainPath}/subagents`;
  const files: TranscriptFile[] = [{ path: mainPath, agentId: null }];
  // Asked first, because most sessions have no subagents.
  if (!isThere(folder, onUnreadable)) return files;
  walkFolder(folder, {
    file: (path, name) => {
      const id = /^agent-(.+)\.jsonl$/.exec(name)?.[1];
      if (id) files.push({ path, agentId: agentId(id) });
    },
    onUnreadable,
  });
  return files;
}

function isThere(path: string, onUnreadable: OnUnreadable): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // Something else is where the session's folder would be.
    const isOther = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
    // Where not even that can be looked at, the main transcript cannot be either, and is told.
    const session = dirname(path);
    if (!isOther && existsSync(session)) tellUnlessGone(session, error, onUnreadable);
    return false;
  }
}

/** A main transcript is named after its session. */
export const sessionIdOf = (mainPath: string): SessionId => sessionId(basename(mainPath, '.jsonl'));

/** A session's main transcript in the same project folder; `null` for an id that is no file name. */
export function siblingTranscript(mainPath: string, id: SessionId): string | null {
  return /^[\w-]+$/.test(id) ? join(dirname(mainPath), `${id}.jsonl`) : null;
}

/** What kind of subagent writes this file, by the note the client keeps beside it. */
export const readAgentType = (file: TranscriptFile): string | null => noteOf(file, 'agentType');

/** The tool call that started the subagent whose file it is, by the same note. */
export const readStartedBy = (file: TranscriptFile): string | null => noteOf(file, 'toolUseId');

function noteOf({ agentId, path }: TranscriptFile, name: string): string | null {
  if (agentId === null) return null;
  try {
    const note: unknown = JSON.parse(readFileSync(path.replace(/\.jsonl$/, '.meta.json'), 'utf8'));
    const value = (note as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' && value !== '' ? value : null;
  } catch {
    return null; // older clients write no note
  }
}

/** A transcript that somebody has packed, or that a system has renamed. */
const LIKE_A_TRANSCRIPT = /\.jsonl(\.(gz|zst|xz|bz2|br|zip|lz4|7z|bak|old|orig))?$/i;

/**
 * The main transcripts of all sessions below a folder, those whose own file is gone but whose subagents' are not
 * included. A client folder, its `projects`, or any other folder will do.
 */
export function mainTranscripts(
  folder: string,
  onUnreadable: OnUnreadable = NOBODY,
): readonly string[] {
  const found = new Set<string>();
  const projects = join(folder, 'projects');
  walkFolder(isFolder(projects) ? projects : folder, {
    file: (path, name) => {
      if (name.endsWith('.jsonl')) found.add(path);
      else if (LIKE_A_TRANSCRIPT.test(name)) onUnreadable({ path, code: 'PACKED_OR_RENAMED' });
    },
    entersFolder: (at, name) => {
      if (name === 'subagents') found.add(`${at}.jsonl`);
      return name !== 'subagents';
    },
    // A pipe of another name is nobody's transcript.
    onUnreadable: (each) => {
      if (each.code !== 'NOT_A_FILE' || each.path.endsWith('.jsonl')) onUnreadable(each);
    },
  });
  return [...found];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
