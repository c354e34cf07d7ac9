// Paths of Windows in one spelling, so that all else compares them like any other: `C:\Users\Kim`, `c:/users/KIM`, `\\?\C:\Users\Kim` and Git
// Bash's `/c/Users/Kim` are all `/c:/users/kim`. Rule: for comparing, and for nothing that is shown or opened.

/** One spelling for all of a path's; relative ones stay relative. */
export function windowsPath(path: string): string {
  const slashed = path
    .replaceAll('\\', '/')
    .toLowerCase()
    .replace(/^\/\/[?.]\/(unc\/)?/, (_, unc) => (unc ? '//' : ''));
  return slashed.replace(/^\/([a-z])(?=\/|$)/, '/$1:').replace(/^([a-z]:)(?=\/|$)/, '/$1');
}

/** The path as Windows opens it, of one that `windowsPath` has made. */
export const nativePath = (path: string): string =>
  path.replace(/^\/([a-z]:)$/, '$1/').replace(/^\/(?=[a-z]:)/, '');

/** The path as it is compared on this system. */
export const comparable = (path: string): string =>
  process.platform === 'win32' ? windowsPath(path) : path;

/** A path from a folder: `\x` lies on the folder's own drive. */
export function onDriveOf(folder: string, path: string): string {
  const drive = /^\/[a-z]:/.exec(folder)?.[0] ?? '';
  return path.startsWith('/') && !/^\/(?:[a-z]:|\/)/.test(path) ? drive + path : path;
}

/** The home folder that a command sees; Windows has a name of its own for it. */
export const homeIn = (
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined => variables.HOME ?? variables.USERPROFILE;
