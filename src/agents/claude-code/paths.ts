// Where Claude Code keeps things. Source: client 2.1.330, read 2026-11-21.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { agentId, type SessionId, sessionId } from '../../domain/ids.ts';
import type { TranscriptFile } from '../agent.ts';

/** `CLAUDE_CONFIG_DIR`, or `.claude` in the home folder. */
export function claudeFolder(env: NodeJS.ProcessEnv): string {
  return (
    env.CLAUDE_CONFIG_DIR || `${env.HOME || process.getBuiltinModule('node:os').homedir()}/.claude`
  );
}

/** Where the client keeps what it knows of its user, servers of one's own among it. */
export function claudeStateFile(env: NodeJS.ProcessEnv): string {
  return env.CLAUDE_CONFIG_DIR
    ? `${env.CLAUDE_CONFIG_DIR}/.claude.json`
    : `${claudeFolder(env)}.json`;
}

/** The main transcript and those of its subagents, nested and workflow ones too. */
export function transcriptFiles(mainPath: string): readonly TranscriptFile[] {
  const folder = `${mainPath.endsWith('.jsonl') ? mainPath.slice(0, -6) : mainPath}/subagents`;
  return [{ path: mainPath, agentId: null }, ...agentFiles(folder)];
}

/** A main transcript is named after its session. */
export const sessionIdOf = (mainPath: string): SessionId => sessionId(basename(mainPath, '.jsonl'));

/** A session's main transcript in the same project folder; `null` for an id that is no file name. */
export function siblingTranscript(mainPath: string, id: SessionId): string | null {
  return /^[\w-]+$/.test(id) ? join(dirname(mainPath), `${id}.jsonl`) : null;
}

function agentFiles(folder: string): TranscriptFile[] {
  // Asked first, because most sessions have no subagents, and an exception costs more than the question.
  if (!existsSync(folder)) return [];
  let names: ReturnType<typeof readEntries>;
  try {
    names = readEntries(folder);
  } catch {
    return []; // gone meanwhile
  }
  return names.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return agentFiles(path);
    const id = /^agent-(.+)\.jsonl$/.exec(entry.name)?.[1];
    return id ? [{ path, agentId: agentId(id) }] : [];
  });
}

const readEntries = (folder: string) => readdirSync(folder, { withFileTypes: true });

/** What kind of subagent writes this file, by the note the client keeps beside it. */
export function readAgentType(file: TranscriptFile): string | null {
  if (file.agentId === null) return null;
  try {
    const note: unknown = JSON.parse(
      readFileSync(file.path.replace(/\.jsonl$/, '.meta.json'), 'utf8'),
    );
    const type = (note as { agentType?: unknown } | null)?.agentType;
    return typeof type === 'string' && type !== '' ? type : null;
  } catch {
    return null; // older clients write no note
  }
}

/**
 * The main transcripts of all sessions below a folder, those whose own file is gone but whose subagents' are not
 * included. A client folder, its `projects`, or any other folder will do.
 */
export function mainTranscripts(folder: string): readonly string[] {
  const found = new Set<string>();
  const walk = (at: string) => {
    let entries: ReturnType<typeof readEntries>;
    try {
      entries = readEntries(at);
    } catch {
      return; // gone meanwhile, or not ours to read
    }
    for (const entry of entries) {
      if (entry.isFile()) {
        if (entry.name.endsWith('.jsonl')) found.add(join(at, entry.name));
      } else if (entry.isDirectory()) {
        if (entry.name === 'subagents') found.add(`${at}.jsonl`);
        else walk(join(at, entry.name));
      }
    }
  };
  const projects = join(folder, 'projects');
  walk(isFolder(projects) ? projects : folder);
  return [...found];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
