// Walks the files below a folder, through links too. Rule: each real folder is entered once, so that loops end; what cannot be
// looked into is told and hides nothing else.
import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { OnUnreadable } from '../agent.ts';

/** What is done with what is found. */
export interface Visitor {
  readonly file: (path: string, name: string) => void;
  /** Whether to go into a folder; absent: always. */
  readonly entersFolder?: (folder: string, name: string) => boolean;
  readonly onUnreadable: OnUnreadable;
}

/** Visits the files below `root`; what is there under its own path comes before what links lead to. */
export function walkFolder(root: string, visitor: Visitor): void {
  const { file, entersFolder = () => true, onUnreadable } = visitor;
  const seen = new Set<string>();
  const links: { readonly path: string; readonly name: string; readonly folder: string }[] = [];
  const walk = (folder: string, real: string) => {
    if (seen.has(real)) return;
    seen.add(real);
    for (const entry of entriesOf(folder, onUnreadable)) {
      const path = join(folder, entry.name);
      // A name that is no text cannot be opened by what Node makes of it.
      if (entry.name.includes('\ufffd') && !existsSync(path))
        onUnreadable({ path, code: 'EILSEQ' });
      else if (entry.isFile()) file(path, entry.name);
      else if (entry.isSymbolicLink()) links.push({ path, name: entry.name, folder });
      else if (!entry.isDirectory()) onUnreadable({ path, code: 'NOT_A_FILE' });
      else if (entersFolder(folder, entry.name)) walk(path, `${real}/${entry.name}`);
    }
  };
  const top = realOf(root, (each) => {
    if (each.code !== 'ENOENT') onUnreadable(each);
  });
  if (top === null) return;
  walk(root, top);
  for (const { path, name, folder } of links) {
    const real = realOf(path, onUnreadable);
    const kind = real === null ? null : kindOf(path, onUnreadable);
    if (real === null || kind === null) continue;
    if (kind === 'file') file(basename(real) === name ? real : path, name);
    else if (kind === 'other') onUnreadable({ path, code: 'NOT_A_FILE' });
    // It leads out of the folder to one around it: following it would read half the machine.
    else if (top.startsWith(real === '/' ? real : `${real}/`))
      onUnreadable({ path, code: 'ELOOP' });
    else if (entersFolder(folder, name)) walk(path, real);
  }
}

function entriesOf(folder: string, onUnreadable: OnUnreadable): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    tellUnlessGone(folder, error, onUnreadable);
    return [];
  }
}

/** `null`, and told, for a link that leads nowhere or round in circles. */
function realOf(path: string, onUnreadable: OnUnreadable): string | null {
  try {
    return realpathSync.native(path);
  } catch (error) {
    onUnreadable({ path, code: codeOf(error) });
    return null;
  }
}

function kindOf(path: string, onUnreadable: OnUnreadable): 'file' | 'folder' | 'other' | null {
  try {
    const stat = statSync(path);
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    onUnreadable({ path, code: codeOf(error) });
    return null;
  }
}

/** Files come and go while they are listed. */
export function tellUnlessGone(path: string, error: unknown, onUnreadable: OnUnreadable): void {
  const code = codeOf(error);
  if (code !== 'ENOENT') onUnreadable({ path, code });
}

/** The system's word for what went wrong. */
const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException | null)?.code ?? 'EUNKNOWN';
