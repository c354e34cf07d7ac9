// The contract of a shell language: text in, the simple commands out that it would run. Rule: a reader never throws, is bounded in time by
// the budget, and guesses nothing: what only running would tell is `UNKNOWN`.
import { comparable, onDriveOf } from '../windows-path.ts';

/** One simple command. */
export interface ShellCommand {
  /** Words without quotes, one for each value they may have; patterns stay as they are. Empty: assignments or output only. */
  readonly words: readonly string[];
  /** Variables set for this command, as `NAME=value`, once for each value they may have. */
  readonly assigned: readonly string[];
  /** Files its output is sent to. */
  readonly outputs: readonly string[];
  /** Texts on its standard input, each whole: here-documents, here-strings, what a pipe is known to print. */
  readonly inputs: readonly string[];
  /** Names that a pipe hands it, one by one. */
  readonly piped: readonly string[];
  /** Folders it may run in, absolute. */
  readonly folders: readonly string[];
  /** What it is known to print; `null`: not known. */
  readonly printed: string | null;
}

export interface ShellScript {
  /** In the order in which a shell meets them; those of a substitution before the command that holds it. */
  readonly commands: readonly ShellCommand[];
  /** Part of the text is nothing that this shell could run. */
  readonly hasErrors: boolean;
}

/** How many characters the words of a script, and of the scripts in it, may still have; below 0: commands are missing. */
export interface Budget {
  left: number;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** What a script is read with. */
export interface ShellContext {
  /** Of the shell that would run it. */
  readonly variables: Variables;
  /** Absolute; more than one where a `cd` before it may have failed. */
  readonly folders: readonly string[];
  readonly budget: Budget;
}

/** Reads a script. Never throws. */
export type ReadShell = (text: string, context: ShellContext) => ShellScript;

/** Stands for what only running the script would tell. */
export const UNKNOWN = '\u0001';
/** A part of a path that stands for any number of folders, hidden ones too. */
export const ANY_DEPTH = '\u0002';

/** A part of a name that may be anything, a dot at its beginning too. */
export const ANYTHING = '\u0003';

export const newBudget = (): Budget => ({ left: 2 * 1024 * 1024 });

/** Parts of a path that stand for no name. */
const DOTS = /(?:^\.{0,2}|.\/\.{0,2}|^\/\.{1,2})(?:\/|$)/;

/** A path seen from a folder, without `.` and `..`. */
export function resolveFrom(from: string, named: string): string {
  const folder = comparable(from);
  const path = onDriveOf(folder, comparable(named));
  if (!DOTS.test(path))
    return path.startsWith('/') ? path : `${folder === '/' ? '' : folder}/${path}`;
  const parts = path.startsWith('/') ? [] : folder.split('/').filter((part) => part !== '');
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
