// What an installation is made of: the program's files, the Nodes that run it, the database's driver, and the settings that start its hooks.
import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { addonFile, addonVersion, findAddonPackage } from '../../../runtime/native-addon.ts';
import { places } from '../../../runtime/places.ts';
import { VERSION } from '../../../runtime/version.ts';
import { claudeFolders } from '../paths.ts';
import { readInstallation } from './installation-record.ts';
import { RESIDENT_SERVER } from './resident-names.ts';

/** `program`: the folder it is in. Each part names the version that its files belong to. */
export function readInstalledPaths(
  program: string,
  stateHome: string,
  projectRoot: string,
  environment: NodeJS.ProcessEnv,
) {
  const commands = readInstallation(stateHome).places.flatMap(({ entries }) =>
    entries.flatMap(({ group }) =>
      group.hooks.flatMap((hook) => (hook.type === 'command' ? hook.command : [])),
    ),
  );
  const files = ['hooks', 'cli'].flatMap((part) => filesIn(join(program, part)));
  const nodes = [...new Set([process.execPath, ...commands.filter((each) => isAbsolute(each))])];
  const settings = settingsFiles(projectRoot, environment);
  return {
    program,
    parts: {
      program: { version: VERSION, paths: files },
      node: { version: process.version, paths: nodes },
      driver: driverPart(),
      settings: { version: '', paths: settings },
    },
  };
}

function driverPart(): { readonly version: string; readonly paths: readonly string[] } {
  const addonPackage = findAddonPackage();
  if (addonPackage === null) return { version: '', paths: [] };
  const file = addonFile(addonPackage);
  return { version: addonVersion(addonPackage), paths: file === null ? [] : [file] };
}

const settingsFiles = (root: string, environment: NodeJS.ProcessEnv): readonly string[] => [
  ...claudeFolders(environment).map((folder) => join(folder, 'settings.json')),
  join(root, '.claude', 'settings.json'),
  join(root, '.claude', 'settings.local.json'),
  join(places.hostManagedFolder, 'managed-settings.json'),
];

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return []; // sources that run unbuilt
  }
}

/** Whether a file tells the client how to start our resident gate: another program in its place would let all through. */
export function namesServer(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').includes(`"${RESIDENT_SERVER}"`);
  } catch {
    return false; // not there
  }
}
