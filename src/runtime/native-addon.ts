// Loads better-sqlite3's compiled addon straight from its file, which spares a hook the 10 to 15 ms of the library's own
// search and wrapping. Rule: an addon that this Node would crash on is never loaded; whoever gets `null` asks the library.
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** better-sqlite3 from 13 on is built for this version of Node-API; an older Node ends with a segmentation fault. */
const NODE_API_NEEDED = 10;

/** Where better-sqlite3 is installed for this program; `null`: it is not. */
export function findAddonPackage(): string | null {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const found = `${folder}/node_modules/better-sqlite3`;
    if (existsSync(found)) return found;
    if (dirname(folder) === folder) return null;
  }
}

/** Whether this Node can run the addon of the package, as far as that is known before it is tried. */
export function fitsThisNode(addonPackage: string): boolean {
  const isNodeApi = existsSync(`${addonPackage}/prebuilds`);
  return !isNodeApi || Number(process.versions.napi) >= NODE_API_NEEDED;
}

/** What the package's addon exports; `null`: its file is left to the library to find. Throws what `dlopen` throws. */
export function loadAddon(addonPackage: string): object | null {
  const file = addonFile(addonPackage);
  if (file === null) return null;
  const module = { exports: {} };
  process.dlopen(module, file);
  return module.exports;
}

/** The package's compiled file; `null`: it is left to the library to find. */
export function addonFile(addonPackage: string): string | null {
  const compiled = `${addonPackage}/build/Release/better_sqlite3.node`;
  return existsSync(compiled) ? compiled : prebuiltFile(addonPackage);
}

/** The version of the package; an empty text where its manifest cannot be read. */
export function addonVersion(addonPackage: string): string {
  try {
    const text = readFileSync(`${addonPackage}/package.json`, 'utf8');
    return String((JSON.parse(text) as { version?: unknown }).version ?? '');
  } catch {
    return '';
  }
}

/** The prebuilt file for this platform. On a system with musl the library decides which of two it is. */
function prebuiltFile(addonPackage: string): string | null {
  const { platform, arch } = process;
  const musl = `/lib/ld-musl-${arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`;
  if (platform === 'linux' && existsSync(musl)) return null;
  const file = `${addonPackage}/prebuilds/${platform}-${arch}.node`;
  return existsSync(file) ? file : null;
}
