// The configuration for commands whose speed people notice: as a hook reads it, from a cache. Rule: the schema
// library is loaded only when a file has changed; mistakes stop the command as they stop every other.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { readCachedConfig } from '../config/config-cache.ts';
import { configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import { VERSION } from '../runtime/version.ts';
import type { Store } from '../stores/store.ts';
import { openLedger } from '../wire.ts';
import type { CliContext } from './command.ts';

/** Whether there is a ledger at all; reading must not make an empty one. */
export function hasLedger(context: CliContext): boolean {
  return existsSync(join(stateHome(context.env), 'ledger.db'));
}

const NOT_CACHED = Symbol('not cached');

/** The configuration of the folder the command runs in. Throws `TollgateError` on mistakes. */
export async function quickConfig(context: CliContext): Promise<Config> {
  if (!hasLedger(context)) return (await import('./ledger.ts')).requireConfig(context);
  const sources = configSources(findProjectRoot(context.cwd), context.env);
  const common = { stateHome: stateHome(context.env), programVersion: VERSION, at: context.now };
  try {
    const loadFully = () => {
      throw NOT_CACHED;
    };
    const { config, problems } = readCachedConfig(sources, { ...common, loadFully });
    if (problems.length === 0) return config;
  } catch (error) {
    if (error !== NOT_CACHED) throw error;
    const { loadConfig } = await import('../config/load.ts');
    const { config, problems } = readCachedConfig(sources, { ...common, loadFully: loadConfig });
    if (problems.length === 0) return config;
  }
  const { requireConfig } = await import('./ledger.ts');
  return requireConfig(context);
}

/** Opens the ledger for the length of `work`. */
export async function withStore<T>(
  context: CliContext,
  work: (store: Store) => T | Promise<T>,
): Promise<T> {
  const store = openLedger(stateHome(context.env));
  try {
    return await work(store);
  } finally {
    store.close();
  }
}
