// Fetches pinned programs from the npm registry into this checkout's cache: other versions of Node, npm and pnpm.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { basicPath, type RunResult, type Sandbox } from './sandbox.ts';

const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'tollgate');

/** A download takes seconds; one that takes this long has lost its connection. */
export const HUNG_MS = 90_000;

/** Runs a command that downloads; up to twice again when it was ended for taking too long. */
export async function runAgainIfHung(run: () => Promise<RunResult>): Promise<RunResult> {
  let result = await run();
  for (let tries = 1; tries < 3 && result.exitCode === null; tries += 1) result = await run();
  return result;
}

/**
 * How this machine reaches the registry: its npm settings, which another Node's npm looks for elsewhere, and the
 * certificates that Node is told to trust.
 */
export async function registryEnv(sandbox: Sandbox): Promise<Record<string, string>> {
  const env = { HOME: process.env.HOME ?? sandbox.home };
  const setting = async (key: string) =>
    (await sandbox.run('npm', ['config', 'get', key], { env })).stdout.trim();
  const certificates = process.env.NODE_EXTRA_CA_CERTS ?? (await setting('cafile'));
  return {
    ...env,
    npm_config_globalconfig: await setting('globalconfig'),
    ...(existsSync(certificates) ? { NODE_EXTRA_CA_CERTS: certificates } : {}),
  };
}

/** The folder of a package, fetched once, also one for another system; its install scripts do not run. */
export async function fetchPackage(sandbox: Sandbox, name: string, version: string) {
  const folder = join(CACHE, `${name.replace('/', '+')}-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    const incoming = mkdtempSync(join(CACHE, `incoming-${process.pid}-`));
    const args = [
      'install',
      '--ignore-scripts',
      '--force',
      '--no-audit',
      '--no-fund',
      '--prefix',
      incoming,
    ];
    const env = { ...(await registryEnv(sandbox)), PATH: basicPath };
    const fetched = await runAgainIfHung(() =>
      sandbox.run('npm', [...args, `${name}@${version}`], { env, timeoutMs: HUNG_MS }),
    );
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
