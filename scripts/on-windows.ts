// Runs Tollgate on Windows, by Wine: `npm run on-windows`. Node and Claude Code for Windows and better-sqlite3 come from the npm registry,
// once. The steps are in test/windows. `--install-wine` gets Wine and a compiler from Debian's packages first. Exit code 3: no Wine here.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSandbox } from '../test/support/sandbox.ts';
import { clientSteps } from '../test/windows/real-client.ts';
import type { Step } from '../test/windows/step.ts';
import { DEBIAN_PACKAGES, hasWine, openWine, type Wine } from '../test/windows/wine.ts';

const ROOT = join(import.meta.dirname, '..');
const NO_WINE = 3;
const LAST_STEP = 'uninstall takes the hooks out';

if (process.argv.includes('--install-wine') && !hasWine()) {
  const apt = (...args: readonly string[]) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const install = () => apt('install', '-y', '-qq', '--no-install-recommends', ...DEBIAN_PACKAGES);
  if (!install() && apt('update', '-qq')) install();
}
if (!hasWine()) {
  console.error(
    'Windows was not tried: Wine is not installed (npm run on-windows -- --install-wine).',
  );
  process.exit(NO_WINE);
}

/** Everything that needs no Claude Code, inside Node for Windows. */
async function ownSteps({ drive, node, run }: Wine): Promise<readonly Step[]> {
  cpSync(join(ROOT, 'test', 'windows', 'steps.mjs'), join(drive, 'steps.mjs'));
  const { stderr } = await run([
    node,
    'C:\\t\\steps.mjs',
    'C:\\t\\app',
    'C:\\t',
    'C:\\t\\steps.json',
  ]);
  const file = join(drive, 'steps.json');
  const steps: readonly Step[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  if (steps.at(-1)?.name === LAST_STEP) return steps;
  return [...steps, { name: 'the steps ended early', isRight: false, detail: stderr }];
}

const sandbox = await createSandbox();
try {
  const wine = await openWine(sandbox);
  try {
    const steps = (await Promise.all([ownSteps(wine), clientSteps(sandbox, wine)])).flat();
    for (const { name, isRight, detail } of steps) {
      console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name}${isRight ? '' : `\n     ${detail}`}`);
    }
    process.exitCode = steps.every(({ isRight }) => isRight) ? 0 : 1;
  } finally {
    wine.close();
  }
} finally {
  await sandbox.cleanup();
}
