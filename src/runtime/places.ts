// Where systems keep things. Rule: the one table of folders that a single system has; paths only, from the environment and a look
// whether an older installation is there. Sources: client 2.1.332, read 2026-11-28, for its managed folder; XDG Base Directory 0.8.
import { existsSync } from 'node:fs';
import { posix, win32 } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** A system's own custom. */
export interface Places {
  /** Where an administrator's file is; it binds everybody on this machine, and only an administrator writes there. */
  readonly managedConfigFile: string;
  /** Claude Code's own managed settings. */
  readonly hostManagedFolder: string;
  /** The file with the time zone of this machine, unless TZ is set; `null`: it is in no file. */
  readonly zoneFile: string | null;
  /** Folder of a person's settings, below the home folder unless it is absolute. */
  readonly config: (env: Environment) => string;
  /** Folder of what a program remembers. */
  readonly state: (env: Environment) => string;
}

const APPLICATION_SUPPORT = 'Library/Application Support';

const TABLE: Readonly<Record<'unix' | 'darwin' | 'win32', Places>> = {
  unix: {
    managedConfigFile: '/etc/tollgate/config.json',
    hostManagedFolder: '/etc/claude-code',
    zoneFile: '/etc/localtime',
    config: () => '.config/tollgate',
    state: () => '.local/state/tollgate',
  },
  darwin: {
    managedConfigFile: '/Library/Application Support/Tollgate/config.json',
    hostManagedFolder: '/Library/Application Support/ClaudeCode',
    zoneFile: '/etc/localtime',
    config: () => `${APPLICATION_SUPPORT}/tollgate`,
    state: () => `${APPLICATION_SUPPORT}/tollgate/state`,
  },
  win32: {
    managedConfigFile: 'C:\\Program Files\\Tollgate\\config.json',
    hostManagedFolder: 'C:\\Program Files\\ClaudeCode',
    zoneFile: null,
    config: ({ APPDATA }) => `${APPDATA || 'AppData\\Roaming'}\\tollgate`,
    state: ({ LOCALAPPDATA }) => `${LOCALAPPDATA || 'AppData\\Local'}\\tollgate`,
  },
};

/** The custom of a system. */
export const placesOf = (platform: NodeJS.Platform): Places =>
  TABLE[platform === 'darwin' || platform === 'win32' ? platform : 'unix'];

/** The custom of this system. */
export const places: Places = placesOf(process.platform);

/** Where a person's things are, and all places they may be in: the first that holds something is in force. */
export interface UserPlaces {
  readonly inForce: string;
  readonly all: readonly string[];
}

/** A person's own configuration file. */
export const userConfigPlaces = (env: Environment, platform = process.platform): UserPlaces =>
  placesFor('config', 'XDG_CONFIG_HOME', 'config.json', env, platform);

/** The folder of the ledger. */
export const userStatePlaces = (env: Environment, platform = process.platform): UserPlaces =>
  placesFor('state', 'XDG_STATE_HOME', 'ledger.db', env, platform);

/** `proof`: the file that shows that a place is used. */
function placesFor(
  kind: 'config' | 'state',
  variable: 'XDG_CONFIG_HOME' | 'XDG_STATE_HOME',
  proof: string,
  env: Environment,
  platform: NodeJS.Platform,
): UserPlaces {
  const own = absolute(env[variable], platform);
  if (own !== null) {
    const place = below(own, 'tollgate', platform);
    return { inForce: place, all: [place] };
  }
  const home = homeOf(env, platform);
  // Before systems' customs were kept, everything was where Linux has it.
  const all = [...new Set([placesOf(platform), TABLE.unix])].map((each) => {
    const folder = each[kind](env);
    return absolute(folder, platform) ?? below(home, folder, platform);
  });
  const used = all.length > 1 ? all.find((each) => existsSync(`${each}/${proof}`)) : undefined;
  return { inForce: used ?? (all[0] as string), all };
}

/** A person's home folder: Windows takes no notice of `HOME`, which Git Bash sets in its own spelling. */
export function homeOf(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const named = platform === 'win32' ? env.USERPROFILE : env.HOME;
  return absolute(named, platform) ?? process.getBuiltinModule('node:os').homedir();
}

/** The path where it is absolute; on Windows with a drive or a server, since `\x` is on whichever drive one works on. */
function absolute(path: string | undefined, platform: NodeJS.Platform): string | null {
  if (path === undefined) return null;
  if (platform !== 'win32') return posix.isAbsolute(path) ? path : null;
  return win32.isAbsolute(path) && /^(?:[a-z]:|[\\/]{2})/i.test(path) ? path : null;
}

/** A name in a folder, with the system's separator; put together by hand, since `join` would take a hook longer. */
export function below(
  folder: string,
  name: string,
  platform: NodeJS.Platform = process.platform,
): string {
  const separator = platform === 'win32' ? '\\' : '/';
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}
