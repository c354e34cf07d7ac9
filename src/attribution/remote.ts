// From the address of a remote to the name of its repository. Rule: what may be a secret (before a host, in a query or a
// fragment, in the command of a helper) is cut off, whatever the address looks like; what has no safe name has none.

import { canonicalRepository } from '../domain/repository.ts';
import { shortPath } from '../runtime/local-path.ts';

/** A repository by its remote. */
export interface RemoteName {
  /** The one name: `github.com/Acme/Shop`, or the path of a folder. */
  readonly name: string;
  /** The same as the address spells it, with the host that it names (`github.com-work/Acme/Shop`). */
  readonly written: string;
  /** Where the repository is a folder of a machine. */
  readonly isFolder: boolean;
}

/** The host that an SSH configuration means by a name; the name itself where it says nothing. */
export type HostNameOf = (alias: string) => string;

/** Most addresses; taking any other one apart takes a hook a quarter of a millisecond. */
const USUAL_ADDRESS =
  /^(?:git@(?=[\w.]+:)|https:\/\/(?=[\w.]+\/))(github\.com|gitlab\.com|bitbucket\.org)[:/]([\w.-]+\/[\w.-]+?)(?:\.[gG][iI][tT])*$/;

/** Schemes of git's own and their spellings; in names of others the scheme stays. */
const USUAL = /^(https?|ssh|git|ftps?|rsync|git\+ssh|ssh\+git|git\+https?)$/;
const SSH = /^(ssh|git\+ssh|ssh\+git)$/;

/** `git@github.com:Acme/Shop.git`, `https://user:token@github.com/Acme/Shop` → `github.com/Acme/Shop`; `null`: no name is safe. */
export function nameRemote(
  url: string,
  hostNameOf: HostNameOf = (alias) => alias,
): RemoteName | null {
  const usual = USUAL_ADDRESS.exec(url);
  if (usual) {
    const name = `${usual[1]}/${usual[2]}`;
    return { name, written: name, isFolder: false };
  }
  const text = withoutControls(url).trim();
  if (isFolderAddress(text)) return folderName(text);
  const [, helper, helped = ''] = /^([a-z][\w+.-]*)::(.*)$/is.exec(text) ?? [];
  if (helper !== undefined) return nameHelped(helper.toLowerCase(), helped, hostNameOf);
  const [, scheme, rest = ''] = /^([a-z][\w+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme === undefined) return nameWithoutScheme(text, hostNameOf);
  const kind = scheme.toLowerCase();
  if (kind === 'file') return nameFile(rest);
  const { user, host, path } = splitAddress(rest);
  if (!USUAL.test(kind)) return named(host, path, (alias) => alias, `${kind}://`);
  // The oldest SSH addresses of Azure DevOps name the organisation in the place of the user.
  const isOldAzure = host === 'vs-ssh.visualstudio.com' && !/^\/*v\d+\//i.test(path);
  if (isOldAzure && /^[\w-]+$/.test(user))
    return named(`${user}.visualstudio.com`, path, hostNameOf);
  return named(host, path, SSH.test(kind) ? hostNameOf : (alias) => alias);
}

const isFolderAddress = (text: string): boolean =>
  /^([/\\]|\.{1,2}([/\\]|$)|~[/\\]|[a-z]:[\\/])/i.test(text);

function folderName(path: string): RemoteName | null {
  let name = withoutEnd(windowsFolder(path), /[/\\]+$/);
  name = withoutEnd(name, /[/\\]\.git$/i) || name;
  name = withoutEnd(name, /(?<=[^/\\])\.git$/i);
  return name === '' ? null : { name, written: name, isFolder: true };
}

/** A folder of Windows in the one spelling of its name: `C:\\shop`, `//server/share`; any other path as it is. */
function windowsFolder(path: string): string {
  const plain = shortPath(path);
  if (/^[a-z]:[\\/]/i.test(plain))
    return plain.charAt(0).toUpperCase() + plain.slice(1).replaceAll('/', '\\');
  return plain.startsWith('\\\\') ? plain.replaceAll('\\', '/') : plain;
}

/** `file:///srv/shop.git`, `file://server/share`, `file:///C:/shop`. */
function nameFile(rest: string): RemoteName | null {
  const slash = firstOf(rest, '/');
  const host = rest.slice(rest.lastIndexOf('@', slash) + 1, slash).toLowerCase();
  const path = decoded(cutQuery(rest.slice(slash)));
  if (host !== '' && host !== 'localhost') return folderName(`//${host}${path}`);
  return folderName(path.replace(/^\/(?=[a-z]:\/)/i, ''));
}

/** An address behind a helper's name: `codecommit::eu-west-1://profile@shop`, `hg::https://host/path`. */
function nameHelped(helper: string, rest: string, hostNameOf: HostNameOf): RemoteName | null {
  // What follows these is a command, or the number of a file.
  if (helper === 'ext' || helper === 'fd') return null;
  const [, region = '', repository = ''] = /^(?:([\w-]+):\/\/)?(.*)$/s.exec(rest) ?? [];
  if (helper !== 'codecommit') return nameRemote(rest, hostNameOf);
  const name = cutQuery(repository.slice(repository.lastIndexOf('@') + 1));
  return region === ''
    ? named(name, '', (alias) => alias, 'codecommit://')
    : named(
        `git-codecommit.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`,
        `v1/repos/${name}`,
      );
}

/** `user@host:path`, `[user@host:port]:path`, or a folder. */
function nameWithoutScheme(text: string, hostNameOf: HostNameOf): RemoteName | null {
  const bracketed = /^(?:[^/[\]]*@)?\[([^\]]*)\]:?(.*)$/s.exec(text);
  if (bracketed) {
    const inner = (bracketed[1] ?? '').split('@').at(-1) ?? '';
    const isNumber = inner.split(':').length > 2;
    return named(
      isNumber ? `[${inner}]` : (inner.split(':')[0] ?? ''),
      bracketed[2] ?? '',
      hostNameOf,
    );
  }
  const slash = firstOf(text, '/');
  const at = text.lastIndexOf('@', slash);
  const address = text.slice(at + 1);
  const colon = firstOf(address, ':');
  if (colon < firstOf(address, '/')) {
    return named(address.slice(0, colon), address.slice(colon + 1), hostNameOf);
  }
  const host = address.slice(0, firstOf(address, '/'));
  // Git takes the rest for a folder beside the repository; whoever wrote a host meant one.
  if (at >= 0 || /^[^.].*\.[a-z]+$/i.test(host))
    return named(host, address.slice(host.length), (alias) => alias);
  const path = cutQuery(text);
  return path === '' ? null : folderName(`./${path}`);
}

/** `user:password@host:port/path?query#fragment`, without what is not asked for; also where a password is spelled badly. */
function splitAddress(rest: string): { user: string; host: string; path: string } {
  const query = rest.search(/[?#]/);
  const isQuery = query >= 0 && /^[^:/?#]*(:\d*)?$|[@/]/.test(rest.slice(0, query));
  const address = isQuery ? rest.slice(0, query) : rest;
  const slash = firstOf(address, '/');
  const front = address.slice(0, slash);
  const isHost = front.includes('@') || front.startsWith('[') || /^[^:]*(:\d*)?$/.test(front);
  // A password may hold anything, also a slash.
  const at = isHost ? address.lastIndexOf('@', slash) : address.lastIndexOf('@');
  const after = address.slice(at + 1);
  const end = firstOf(after, '/');
  const host = after.startsWith('[')
    ? after.slice(0, firstOf(after, ']') + 1)
    : after.slice(0, Math.min(end, firstOf(after, ':')));
  // `ssh://git@host:Acme/Shop`, half of each spelling: behind a user, what stands in the place of the port may be no number.
  const isPort = at === -1 || /^(?::\d*)?$/.test(after.slice(host.length, end));
  return {
    user: address.slice(0, Math.max(at, 0)),
    host: host.toLowerCase(),
    path: isPort ? after.slice(end) : `/${after.slice(host.length + 1)}`,
  };
}

function named(
  host: string,
  path: string,
  hostNameOf: HostNameOf = (alias) => alias,
  front = '',
): RemoteName | null {
  const written = hostOf(host);
  if (written === '') return null;
  const rest = pathOf(path);
  const spelled = (of: string) => front + [of, ...(rest === '' ? [] : [rest])].join('/');
  const name = spelled(hostOf(hostNameOf(written)) || written);
  return { name: canonicalRepository(name), written: spelled(written), isFolder: false };
}

/** A host without anything that could be a user, a password or a query; '' when nothing is left. */
function hostOf(text: string): string {
  const host = cutQuery((decoded(text).split('@').at(-1) ?? '').split('/')[0] ?? '').toLowerCase();
  return /^(\[[\da-f:.%]+\]|[^\s:[\]\\]+)$/.test(host) ? host.replace(/(?<=.)\.$/, '') : '';
}

function pathOf(path: string): string {
  const parts = decoded(cutQuery(path))
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts[0] === '~') parts.shift();
  // An address within an address, as gateways have them, may bring a password of its own.
  const safe = parts.map((part) => part.replace(/^.*:.*@/, ''));
  if (safe.length > 1 && safe.at(-1) === '.git') safe.pop();
  return withoutEnd(safe.join('/'), /(?<=[^/])\.git$/i);
}

/** A name goes into reports and onto terminals. */
const withoutControls = (text: string): string => text.replace(/\p{Cc}/gu, '');

const cutQuery = (text: string): string => text.replace(/[?#;].*$/s, '');

function decoded(text: string): string {
  try {
    return withoutControls(decodeURIComponent(text));
  } catch {
    return text;
  }
}

const firstOf = (text: string, mark: string): number => {
  const at = text.indexOf(mark);
  return at === -1 ? text.length : at;
};

function withoutEnd(text: string, end: RegExp): string {
  let rest = text;
  while (end.test(rest)) rest = rest.replace(end, '');
  return rest;
}
