// One name for each repository: hosts and paths that lead to the same one are spelled the same way, and letter case does not
// tell hosted repositories apart. PURE. Rule: naming a name again changes nothing, so names of older ledgers are folded too.
import { matchesPattern } from './pattern.ts';

/** Hosts under which a service can be reached, too. Sources: the services' pages on SSH over port 443, read 2026-11-28. */
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['ssh.github.com', 'github.com'],
  ['altssh.gitlab.com', 'gitlab.com'],
  ['altssh.bitbucket.org', 'bitbucket.org'],
  ['hf.co', 'huggingface.co'],
]);

/** Hosts whose names stand for themselves, whatever an SSH configuration says of them. */
export const PUBLIC_HOSTS: ReadonlySet<string> = new Set([
  ...['github.com', 'gitlab.com', 'bitbucket.org', 'dev.azure.com', 'codeberg.org'],
  ...HOSTS.keys(),
]);

/** Whether a name is a folder of a machine, not a repository of a host. */
export const isFolderName = (name: string): boolean =>
  /^([/\\.~]|[a-z]:[\\/])/i.test(name) || !name.includes('/');

/**
 * The one name of a repository, given as `host/path` (`www.github.com/Acme/Shop` → `github.com/Acme/Shop`); also of a
 * pattern. Letter case of the path stays; a folder's name and what is not understood stay as they are.
 */
export function canonicalRepository(name: string): string {
  if (isFolderName(name)) return name;
  if (name.includes('://')) return withoutSecrets(name);
  const slash = name.indexOf('/');
  const host = canonicalHost(name.slice(0, slash));
  const path = name
    .slice(slash + 1)
    .split('/')
    .filter(Boolean);
  return (
    azureName(host, path) ??
    codeCommitName(host, path) ??
    [host, ...servedPath(host, path)].join('/')
  );
}

/** What is equal for names of one repository. */
export function repositoryKey(name: string): string {
  const canonical = canonicalRepository(name);
  return isFolderName(canonical) ? canonical : canonical.toLowerCase();
}

/** The patterns of a text that may name several repositories: `github.com/Acme/Shop|github.com/Acme/App`. */
export const repositoryPatterns = (text: string): readonly string[] => text.split('|');

/** Whether a pattern (or one of several), spelled in any way a repository was ever named, matches a repository. */
export const matchesRepository = (patterns: string, name: string): boolean =>
  repositoryPatterns(patterns).some((pattern) => matchesOne(pattern, name));

function matchesOne(pattern: string, name: string): boolean {
  if (matchesPattern(pattern, name)) return true;
  const key = repositoryKey(name);
  if (matchesPattern(repositoryKey(pattern), key)) return true;
  if (isFolderName(key)) return false;
  const folded = pattern.toLowerCase();
  return matchesPattern(folded, name.toLowerCase()) || matchesPattern(folded, key);
}

function canonicalHost(written: string): string {
  const host = written
    .toLowerCase()
    .replace(/\.+$/, '')
    .replace(/^(www\.)+(?=.*\.)/, '');
  return HOSTS.get(host) ?? host;
}

/**
 * Azure DevOps has four spellings and older ones: `dev.azure.com/org/project/_git/repo`, `ssh.dev.azure.com/v3/org/project/repo`,
 * `org.visualstudio.com/[DefaultCollection/]project/_git/repo`, `vs-ssh.visualstudio.com/v3/org/project/repo`.
 */
function azureName(host: string, path: readonly string[]): string | null {
  const isAzure = /^(ssh\.)?dev\.azure\.com$|\.visualstudio\.com$/.test(host);
  if (!isAzure) return null;
  const isOfOrg = host.endsWith('.visualstudio.com') && !host.startsWith('vs-ssh.');
  const all = [
    ...(isOfOrg ? [host.slice(0, -'.visualstudio.com'.length)] : []),
    ...withoutVersions(path),
  ];
  const [org, ...rest] = all;
  const inner = /^DefaultCollection$/i.test(rest[0] ?? '') ? rest.slice(1) : rest;
  const names = inner.filter((name) => !/^_(git|ssh|full|optimized)$/i.test(name));
  // A project's first repository has the project's name, and then the project may be left out.
  const isProjectLeftOut = /^_(git|ssh)$/i.test(inner[0] ?? '') && names.length === 1;
  return ['dev.azure.com', org, ...(isProjectLeftOut ? names : []), ...names]
    .filter((part) => part !== undefined)
    .join('/');
}

/** Without `v3` in front, however often: a name that is named again stays what it is. */
function withoutVersions(path: readonly string[]): readonly string[] {
  const first = path.findIndex((part) => !/^v\d+$/i.test(part));
  return first === -1 ? [] : path.slice(first);
}

/** AWS CodeCommit by HTTPS, SSH, FIPS and private endpoints. */
function codeCommitName(host: string, path: readonly string[]): string | null {
  const match =
    /(?:^|\.)git-codecommit(?:-fips)?\.([\w-]+)\.(?:vpce\.)?amazonaws\.com(\.cn)?$/.exec(host);
  return match && [`git-codecommit.${match[1]}.amazonaws.com${match[2] ?? ''}`, ...path].join('/');
}

/** Folders in which a Bitbucket Server may be served. */
const BITBUCKET_FOLDER = /^(bitbucket|stash|git)$/i;

/**
 * Without what only the HTTPS addresses of Bitbucket Server (`scm/`) and Gerrit (`a/`) have in front; `_ssh` of an Azure DevOps Server
 * is what its HTTPS addresses call `_git`.
 */
function servedPath(host: string, written: readonly string[]): readonly string[] {
  const isInFolder = BITBUCKET_FOLDER.test(written[0] ?? '') && written[1] === 'scm';
  const path = (isInFolder ? written.slice(1) : written).map((part) =>
    part === '_ssh' ? '_git' : part,
  );
  const isGerrit = host.endsWith('.googlesource.com') || /(^|[.-])gerrit[.-]/.test(host);
  const isOther = PUBLIC_HOSTS.has(host) || /(^|\.)gitlab\./.test(host);
  const front = isGerrit ? 'a' : isOther ? null : 'scm';
  const isServed = path[0] === front && (path.length > 2 || path.at(-1) === '*');
  return isServed ? path.slice(1) : path;
}

/** A name with a scheme; older versions left in it what stood before the host and after the path. */
function withoutSecrets(name: string): string {
  if (name.startsWith('file:///')) return name.slice('file://'.length);
  const [, scheme = '', rest = ''] = /^(.*?:\/\/)(.*)$/s.exec(name) ?? [];
  const slash = rest.indexOf('/');
  const host = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? '' : rest.slice(slash);
  return `${scheme}${host.slice(host.lastIndexOf('@') + 1)}${path}`.replace(/[?#].*$/s, '');
}
