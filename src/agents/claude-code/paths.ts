// Where Claude Code keeps things. Source: client 2.1.330, read 2026-11-21.
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { agentId } from '../../domain/ids.ts';
import type { TranscriptFile } from '../agent.ts';

/** `CLAUDE_CONFIG_DIR`, or `.claude` in the home folder. */
export function clientFolder(env: NodeJS.ProcessEnv): string {
  return env.CLAUDE_CONFIG_DIR || join(env.HOME || homedir(), '.claude');
}

/** The main transcript and those of its subagents, nested and workflow ones too. */
export function transcriptFiles(mainPath: string): readonly TranscriptFile[] {
  const folder = join(dirname(mainPath), basename(mainPath, '.jsonl'), 'subagents');
  return [{ path: mainPath, agentId: null }, ...agentFiles(folder)];
}

function agentFiles(folder: string): TranscriptFile[] {
  let names: ReturnType<typeof readEntries>;
  try {
    names = readEntries(folder);
  } catch {
    return []; // a session without subagents has no such folder
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
