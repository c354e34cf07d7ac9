// The launcher that `init` puts beside a project's settings, so that the committed hooks name no path of one machine,
// and the note where this machine has Tollgate. Rule: a file of that name that is not ours stays.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, modeOf, removeFile, replaceFile } from './files.ts';
import { LAUNCHER_NAME } from './launcher-name.ts';

/** What the launcher does on a machine without Tollgate: blocks prompts and tools, or says so at a session's start. */
export type WhenMissing = 'block' | 'warn';

const HEAD = '// Runs Tollgate (npm: tollgate)';
const SETTING = /const WHEN_MISSING = '(block|warn)';/;

/** Where a project has its launcher. */
export function launcherPath(projectRoot: string): string {
  return join(projectRoot, '.claude', LAUNCHER_NAME);
}

/** The text to write; `source` is the launcher that comes with this program. */
export function launcherText(source: string, whenMissing: WhenMissing): string {
  return source.replace(SETTING, `const WHEN_MISSING = '${whenMissing}';`);
}

/** What the file says of machines without Tollgate; `null` where there is no launcher of ours. */
export function readWhenMissing(path: string): WhenMissing | null {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.startsWith(HEAD) ? ((SETTING.exec(text)?.[1] as WhenMissing) ?? 'block') : null;
}

/** Writes it; `kept` when another file has that name. */
export function installLauncher(path: string, text: string): 'installed' | 'unchanged' | 'kept' {
  if (existsSync(path)) {
    const before = readFileSync(path, 'utf8');
    if (before === text) return 'unchanged';
    if (!before.startsWith(HEAD)) return 'kept';
  }
  makeFolder(dirname(path));
  replaceFile(path, Buffer.from(text), modeOf(path) ?? 0o644);
  return 'installed';
}

/** Takes it out again; false when there is none of ours. */
export function removeLauncher(path: string): boolean {
  if (readWhenMissing(path) === null) return false;
  removeFile(path);
  return true;
}

/** Notes for the launchers of all projects where this machine has Tollgate. */
export function recordInstallPath(stateHome: string, packageFolder: string): void {
  makeFolder(stateHome, 0o700);
  replaceFile(join(stateHome, 'install-path'), Buffer.from(`${packageFolder}\n`), 0o600);
}
