// Where configuration and state live. Rule: paths only, from the environment and a look at the folders; a variable
// that is not an absolute path counts as not set.
import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { isOwnUid } from '../runtime/owners.ts';
import { below, places, userConfigPlaces, userStatePlaces } from '../runtime/places.ts';
import { pluginRoot } from '../runtime/plugin-root.ts';
import type { LayerKind } from './layer.ts';

/** A file that may hold configuration, whether or not it is there. */
export interface ConfigSource {
  /** `client`: not ours, but its prices hold for us too. */
  readonly kind: LayerKind | 'client';
  /** Absolute path. */
  readonly file: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Claude Code's own managed settings; prices are read from them and nothing else. */
export const HOST_MANAGED_FILE = below(places.hostManagedFolder, 'managed-settings.json');

/**
 * The files, the one that binds most first: managed, user, project, local. Folders around the project that have files
 * too come before it, so that making a repository further in leaves nobody's ceiling behind. Last the
 * budgets that come with the plugin this program is part of. `managedFile` is for tests.
 */
export function configSources(
  projectRoot: string,
  environment: Environment = process.env,
  managedFile: string = places.managedConfigFile,
  hostManagedFile: string = HOST_MANAGED_FILE,
  plugin: string | null = pluginRoot(),
): readonly ConfigSource[] {
  return [
    { kind: 'managed', file: managedFile },
    { kind: 'user', file: userConfigFile(environment) },
    ...foldersAround(projectRoot).flatMap((folder) =>
      existsSync(below(folder, '.claude')) ? filesOf(folder).filter(isOurs) : [],
    ),
    ...filesOf(projectRoot),
    ...runFile(environment).map((file) => ({ kind: 'local' as const, file })),
    ...defaultsOf(plugin),
    { kind: 'client', file: hostManagedFile },
  ];
}

/** The budgets that come with the plugin in a folder. */
export const pluginDefaultsFile = (plugin: string): string => `${plugin}/default-config.json`;

const defaultsOf = (plugin: string | null): readonly ConfigSource[] =>
  plugin === null ? [] : [{ kind: 'plugin', file: pluginDefaultsFile(plugin) }];

/** The ceiling of the `tollgate run` this process is part of: it adds to all others, and loosens none. */
const runFile = (environment: Environment): readonly string[] =>
  [absolute(environment.TOLLGATE_RUN_CONFIG)].filter((file) => file !== null);

function filesOf(folder: string): readonly ConfigSource[] {
  const settings = below(folder, '.claude');
  return [
    { kind: 'project', file: below(settings, 'tollgate.json') },
    { kind: 'local', file: below(settings, 'tollgate.local.json') },
  ];
}

/** The folders a folder lies in, the outermost first. */
function foldersAround(folder: string): readonly string[] {
  const outer = dirname(folder);
  return outer === folder ? [] : [...foldersAround(outer), outer];
}

/** Whether a file is there and of this person, or of the administrator: in `/tmp` anybody could put one. */
function isOurs({ file }: ConfigSource): boolean {
  try {
    const owner = statSync(file, { throwIfNoEntry: false })?.uid;
    return owner !== undefined && (owner === 0 || isOwnUid(owner));
  } catch {
    return false; // in a folder this person may not even look into
  }
}

/** A person's own file: `$XDG_CONFIG_HOME/tollgate/config.json`, else where the system has such files. */
export const userConfigFile = (environment: Environment = process.env): string =>
  below(userConfigPlaces(environment).inForce, 'config.json');

/** Where ledger, cache and backups are: `TOLLGATE_HOME`, else `$XDG_STATE_HOME/tollgate`, else where the system has such things. */
export function stateHome(environment: Environment = process.env): string {
  const own = environment.TOLLGATE_HOME;
  return own ? resolve(own) : userStatePlaces(environment).inForce;
}

/** All folders that configuration and state of this person may be read from, now or once something is in them. */
export const userFolders = (environment: Environment): readonly string[] => [
  ...userConfigPlaces(environment).all.map((folder) => below(folder, 'config.json')),
  ...userStatePlaces(environment).all,
];

/**
 * The folder whose `.claude` holds a project's files. The top of the git repository when it has such a file, so that
 * a folder further in cannot put itself in its place; else the nearest folder that has one; else the top of the
 * repository, or the folder itself outside of one.
 */
export function findProjectRoot(startFolder: string): string {
  const start = resolve(startFolder);
  let nearest: string | null = null;
  for (let folder = start; ; folder = dirname(folder)) {
    const holds = holdsConfig(folder);
    if (holds) nearest ??= folder;
    if (existsSync(below(folder, '.git'))) return holds ? folder : (nearest ?? folder);
    if (dirname(folder) === folder) return nearest ?? start;
  }
}

function holdsConfig(folder: string): boolean {
  if (!existsSync(below(folder, '.claude'))) return false;
  return filesOf(folder).some(({ file }) => existsSync(file));
}

function absolute(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null;
}
