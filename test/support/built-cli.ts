// The command line built from the sources as they are, for tests that need `tollgate` as a program of its own.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');

/** A folder for PATH that holds `tollgate`; below the repository, so that the addon is found. */
export async function buildCli(): Promise<{ bin: string; main: string; remove: () => void }> {
  const folder = join(ROOT, 'node_modules', '.cache', `tollgate-cli-${process.pid}-${Date.now()}`);
  await build({
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    splitting: true,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: join(folder, 'cli'),
    mainFields: ['module', 'main'],
    external: ['better-sqlite3'],
    logLevel: 'error',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  const bin = join(folder, 'bin');
  const main = join(folder, 'cli', 'main.js');
  mkdirSync(bin);
  writeFileSync(join(bin, 'tollgate'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(join(bin, 'tollgate'), 0o755);
  return { bin, main, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
