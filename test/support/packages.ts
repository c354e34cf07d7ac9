// Fetches pinned programs from the npm registry into this checkout's cache: other versions of Node, npm and pnpm.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { basicPath, type Sandbox } from './sandbox.ts';

const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'tollgate');

/** The folder of a package, fetched once; its install scripts do not run. */
export async function fetchPackage(sandbox: Sandbox, name: string, version: string) {
  const folder = join(CACHE, `${name}-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    const incoming = mkdtempSync(join(CACHE, `incoming-${process.pid}-`));
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', incoming];
    const env = { HOME: process.env.HOME ?? sandbox.home, PATH: basicPath };
    const fetched = await sandbox.run('npm', [...args, `${name}@${version}`], {
      env,
      timeoutMs: 300_000,
    });
    if (fetched.exitCode !== 0) throw new Error(`npm install ${name}: ${fetched.stderr}`);
    try {
      renameSync(incoming, folder);
    } catch (error) {
      // Another process was first.
      if (!existsSync(folder)) throw error;
      rmSync(incoming, { recursive: true });
    }
  }
  return join(folder, 'node_modules', name);
}
