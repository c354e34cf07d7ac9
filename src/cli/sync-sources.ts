// Which folders a sync reads, whose work is in them, and what is told about those that hold nothing or cannot be read.
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OnUnreadable, Unreadable } from '../agents/agent.ts';
import { TollgateError } from '../errors.ts';
import { agent, transcriptFolders } from '../wire.ts';
import type { CliContext } from './command.ts';

/** The folders named with `--from`, else Claude Code's own. Throws `TollgateError` for a named one with nothing in it. */
export function syncFolders(
  named: readonly string[],
  { env, cwd }: Pick<CliContext, 'env' | 'cwd'>,
): readonly string[] {
  if (named.length === 0) return transcriptFolders(env);
  const folders = named.map((folder) => resolve(cwd, folder));
  const missing = folders.find(isEmpty);
  if (missing !== undefined) {
    throw new TollgateError({
      code: 'NO_TRANSCRIPTS',
      message: `there are no transcripts below ${missing}`,
      hint: 'name a folder of Claude Code, such as ~/.claude',
    });
  }
  return folders;
}

function isEmpty(folder: string): boolean {
  let isRead = true;
  const onUnreadable: OnUnreadable = () => {
    isRead = false;
  };
  return agent.mainTranscripts(folder, onUnreadable).length === 0 && isRead;
}

/** Whether a transcript lies in a folder that is not Claude Code's own on this machine: somebody else may have done the work. */
export function foreignTest(
  folders: readonly string[],
  env: NodeJS.ProcessEnv,
): (mainPath: string) => boolean {
  const own = transcriptFolders(env).map(realOf);
  const isWithin = (path: string, folder: string) =>
    path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
  const foreign = folders.filter((each) => !own.some((folder) => isWithin(realOf(each), folder)));
  return (mainPath) =>
    foreign.some((folder) => isWithin(mainPath, folder) || isWithin(mainPath, realOf(folder)));
}

function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path; // not there
  }
}

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EIO: 'the disk or network failed',
  ELOOP: 'a link that leads round in circles',
  ENOENT: 'a link to something that is not there',
  EISDIR: 'a folder where a file should be',
  EILSEQ: 'a name that is no text',
  NOT_A_FILE: 'no file',
  PACKED_OR_RENAMED: 'unpack it, or give it its name back, to have it read',
  ENAMETOOLONG: 'a path that is too long',
};

/** One line about what could not be read; `null` when everything was. */
export function unreadableLine(found: readonly Unreadable[]): string | null {
  const [first] = found;
  if (first === undefined) return null;
  const counts = new Map<string, number>();
  for (const { code } of found) counts.set(code, (counts.get(code) ?? 0) + 1);
  const reasons = [...counts].map(([code, count]) => {
    const meaning = MEANINGS[code];
    return `${count} × ${code}${meaning === undefined ? '' : ` (${meaning})`}`;
  });
  return (
    `tollgate: ${found.length === 1 ? 'one file or folder' : `${found.length} files or folders`} could not be read; ` +
    `all others were: ${reasons.join(', ')}; first ${first.path}`
  );
}
