// Folders as other systems write them: a transcript may come from Windows, from WSL, from Git Bash or from another machine. Rule: a path
// that names no folder here is `null`, and never one of the folder that Tollgate happens to run in. PURE.
import { win32 } from 'node:path';

/** What decides how a path is read. */
export interface PathSystem {
  readonly platform: NodeJS.Platform;
  /** The Linux that runs inside of Windows; `null`: none does. */
  readonly wslName: string | null;
}

/** The system of this process. */
export const pathSystemOf = (env: NodeJS.ProcessEnv): PathSystem => ({
  platform: process.platform,
  wslName: env.WSL_DISTRO_NAME || null,
});

/** The path as this system opens it; `null` for a relative one, and for one of a system that this is not. */
export function localPath(path: string, system: PathSystem): string | null {
  if (system.platform === 'win32') return onWindows(path);
  if (path.startsWith('/')) return path;
  return system.wslName === null ? null : inWsl(path, system.wslName);
}

const DRIVE = /^[a-z]:[\\/]/i;
const SERVER = /^[\\/]{2}[^\\/?.][^\\/]*[\\/]+[^\\/]/;
/** `\\?\` and `\\.\` before a path, and `UNC\` before a server's. */
const LONG_PATH = /^[\\/]{2}[?.][\\/](unc[\\/])?/i;
/** A drive in Git Bash, in WSL and in Cygwin. */
const DRIVE_OF_SHELL = /^\/(?:mnt\/|cygdrive\/)?([a-z])(?=\/|$)/i;

/** A path of Windows without `\\\\?\\` or `\\\\.\\` before it; any other as it is. */
export const shortPath = (path: string): string =>
  path.replace(LONG_PATH, (_, unc) => (unc === undefined ? '' : '\\\\'));

function onWindows(path: string): string | null {
  const named = shortPath(path).replace(DRIVE_OF_SHELL, (_, drive: string) => `${drive}:/`);
  return DRIVE.test(named) || SERVER.test(named) ? win32.normalize(named) : null;
}

/** Where WSL mounts the drives of Windows, unless somebody has changed it. */
const DRIVES = '/mnt';
/** How Windows names the files of a WSL. */
const SERVER_OF_WSL = /^\/\/wsl(?:\$|\.localhost)\/([^/]+)(?=\/|$)/i;

function inWsl(path: string, wslName: string): string | null {
  const native = onWindows(path)?.replaceAll('\\', '/');
  if (native === undefined) return null;
  if (DRIVE.test(native)) {
    return `${DRIVES}/${native.slice(0, 1).toLowerCase()}${native.slice(2)}`;
  }
  const name = SERVER_OF_WSL.exec(native);
  return name?.[1]?.toLowerCase() === wslName.toLowerCase()
    ? native.slice(name[0].length) || '/'
    : null;
}
