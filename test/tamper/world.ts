// Tamper worlds: a repository, a home, Tollgate installed from a package with a Node of the person's own, and a client at work in
// it. Rule: what a case does must reach nothing outside its world: each runs in namespaces of its own, where all else is
// read-only and no other process can be seen.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import type { TamperCase } from './case.ts';
import type { ClientOrder, ClientReport } from './client.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Who plays in a world when the tests run as root, for whom no permission counts. */
const PLAYER = 1000;
const NODE = 'home/.nvm/versions/node/v20/bin/node';

/** Why cases cannot be played on this machine; `null`: they can. */
export function whyNoWorlds(): string | null {
  if (process.platform !== 'linux') return 'only Linux has namespaces';
  const { status, stderr } = spawnSync('unshare', [...NAMESPACES(), 'true']);
  return status === 0 ? null : `no namespaces here: ${stderr}`;
}

const isRoot = process.getuid?.() === 0;
const NAMESPACES = () => [
  ...(isRoot ? [] : ['--user', '--map-root-user']),
  ...['--mount', '--pid', '--fork', '--mount-proc', '--kill-child'],
];
const AS_PLAYER = isRoot
  ? ['setpriv', `--reuid=${PLAYER}`, `--regid=${PLAYER}`, '--clear-groups']
  : [];

export interface Worlds {
  play(given: TamperCase): Promise<ClientReport>;
  remove(): void;
}

/** Makes the world that each case gets a copy of. */
export async function makeWorlds(): Promise<Worlds> {
  const folder = mkdtempSync('/var/tmp/tollgate-tamper-');
  chmodSync(folder, 0o755);
  const world = join(folder, 'world');
  mkdirSync(world);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(import.meta.dirname, 'client.ts')],
    ...{ bundle: true, platform: 'node', target: 'node20.19', format: 'esm', logLevel: 'error' },
    outfile: join(folder, 'client.mjs'),
  });
  furnish(world, join(folder, 'client.mjs'));
  install(folder, world);
  let serial = 0;
  let ordinary: readonly string[] = [];
  const play = async (given: TamperCase) => {
    serial += 1;
    const copy = join(folder, `case-${serial}`);
    copyWorld(world, copy, /nvm|node\/v20/.test(JSON.stringify(given)) || given.cat === 'prog');
    const order: ClientOrder = { world, case: inWorld(given, world), ordinary };
    writeFileSync(`${copy}.json`, JSON.stringify(order));
    try {
      return await playOnce(folder, world, copy, order);
    } finally {
      rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  ordinary = (await play(CONTROL)).said;
  return { play, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Nothing is wrong in it: what is said there is no news. */
export const CONTROL: TamperCase = {
  ...{ id: 'CONTROL', cat: 'control', tool: 'Bash', note: 'nothing is wrong' },
  input: { command: 'ls' },
};

const inWorld = (given: TamperCase, world: string): TamperCase =>
  JSON.parse(
    JSON.stringify(given)
      .replaceAll('@W@', world)
      .replaceAll('@SLUG@', `${world}/repo`.replace(/[^A-Za-z0-9]/g, '-')),
  ) as TamperCase;

export const envOf = (world: string): Record<string, string> => ({
  HOME: join(world, 'home'),
  PATH: `${world}/bin:${world}/npm/bin:${dirname(join(world, NODE))}:/usr/bin:/bin`,
  LANG: 'C.UTF-8',
  TOLLGATE_GH: 'off',
  GIT_CONFIG_NOSYSTEM: '1',
});

/** The folders of a world: repository, home, program, Node, and a `claude` that a tool may start. */
function furnish(world: string, client: string): void {
  const program = join(world, 'npm/lib/node_modules/tollgate');
  for (const each of ['repo/src', 'home', 'bin', 'npm/bin', dirname(NODE)]) {
    mkdirSync(join(world, each), { recursive: true });
  }
  cpSync(join(ROOT, 'dist'), join(program, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(program, 'package.json'));
  for (const name of ['bindings', 'file-uri-to-path']) {
    cpSync(join(ROOT, 'node_modules', name), join(program, 'node_modules', name), {
      recursive: true,
    });
  }
  const driver = 'node_modules/better-sqlite3';
  for (const part of ['package.json', 'lib', 'build/Release/better_sqlite3.node']) {
    cpSync(join(ROOT, driver, part), join(program, driver, part), { recursive: true });
  }
  symlinkSync('../lib/node_modules/tollgate/dist/cli/main.js', join(world, 'npm/bin/tollgate'));
  cpSync(process.execPath, join(world, NODE));
  // Known by its name, as the real one is.
  symlinkSync(client, join(world, 'bin/claude.js'));
  writeFileSync(
    join(world, 'bin/claude'),
    `#!/bin/sh\nexec "${process.execPath}" "${world}/bin/claude.js" nested "$0" "$@"\n`,
  );
  chmodSync(join(world, 'bin/claude'), 0o755);
  writeFileSync(
    join(world, 'clock.cjs'),
    'const now = Date.now; Date.now = () => now() + 40 * 86400000;\n',
  );
}

/** A repository of two commits, and Tollgate in it by `init`: a session may spend half a dollar. */
function install(folder: string, world: string): void {
  if (isRoot) spawnSync('chown', ['-R', `${PLAYER}:${PLAYER}`, world]);
  const script = `
    set -e
    git init -q --initial-branch=main --template= && git config user.name Dana && git config user.email dana@acme.example
    git remote add origin git@github.com:Acme/Shop.git
    echo a > a.txt && git add . && git commit -qm one && git branch old
    echo b > b.txt && echo '{}' > data.json && echo 'console.log(1)' > src/main.js && git add . && git commit -qm two
    tollgate init --yes --quiet --session-soft 0.40 --session-hard 0.50
  `;
  const { status, stderr } = spawnSync(
    'unshare',
    [...NAMESPACES(), ...AS_PLAYER, 'bash', '-c', script],
    {
      cwd: join(world, 'repo'),
      env: envOf(world),
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`no world in ${folder}: ${stderr}`);
}

/** A copy for one case. Node is large: it is copied where the case is about it, and linked elsewhere. */
function copyWorld(world: string, copy: string, hasNode: boolean): void {
  const skipped = ['--exclude', `./${NODE}`];
  mkdirSync(copy);
  const command = `tar -C "$1" ${hasNode ? '' : skipped.join(' ')} -cf - . | tar -C "$2" -xpf -`;
  const { status, stderr } = spawnSync('sh', ['-c', command, 'sh', world, copy], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  if (!hasNode) linkSync(join(world, NODE), join(copy, NODE));
}

async function playOnce(
  folder: string,
  world: string,
  copy: string,
  order: ClientOrder,
): Promise<ClientReport> {
  const enter = [
    `mount --bind '${copy}' '${world}'`,
    'mount -t tmpfs tmpfs /tmp',
    'mount -o remount,bind,ro /',
    `cd '${world}/repo'`,
    // The shell stays: orphans are its children, not the client's.
    `{ "$@"; true; }`,
  ].join(' && ');
  const before = order.case.before;
  if (before !== undefined) {
    // The person's own doing, with the world in its place.
    spawnSync(
      'unshare',
      [...NAMESPACES(), 'sh', '-c', enter, 'sh', ...AS_PLAYER, 'bash', '-c', before],
      {
        env: envOf(world),
      },
    );
  }
  const command = [...AS_PLAYER, process.execPath, join(folder, 'client.mjs'), `${copy}.json`];
  const child = spawn('unshare', [...NAMESPACES(), 'sh', '-c', enter, 'sh', ...command], {
    env: envOf(world),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const at = stdout.lastIndexOf('@@');
  if (at !== -1) return JSON.parse(stdout.slice(at + 2)) as ClientReport;
  return {
    outcome: 'broken',
    spentUsd: 0,
    said: [],
    log: [stdout.slice(-500), stderr.slice(-2_000)],
  };
}
