// The configuration in force for an event, from the cache that all hooks share.
import {
  type CachedConfig,
  type CacheOptions,
  checkCachedConfig,
  readCachedConfig,
} from '../config/config-cache.ts';
import { configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import { VERSION } from '../runtime/version.ts';

/** The configuration in force for whoever works in a folder. */
export function readConfigFor(folder: string, env: NodeJS.ProcessEnv): CachedConfig {
  const root = findProjectRoot(folder);
  return readCachedConfig(configSources(root, env), cacheOptions(env));
}

/** What to tell where the cache does not say what the files say; `null`: it does. Takes as long as reading them anew. */
export function checkConfigFor(folder: string, env: NodeJS.ProcessEnv): string | null {
  const root = findProjectRoot(folder);
  return checkCachedConfig(configSources(root, env), cacheOptions(env))
    ? null
    : 'Tollgate: its cached configuration was not what the files say. It is now; until now another may have been in force.';
}

const cacheOptions = (env: NodeJS.ProcessEnv): CacheOptions => ({
  stateHome: stateHome(env),
  programVersion: VERSION,
  at: Date.now(),
  // The schema library costs more than a whole decision, so it is a file of its own, loaded when a configuration changed.
  loadFully: (sources, options) =>
    (require('../config/load.ts') as typeof import('../config/load.ts')).loadConfig(
      sources,
      options,
    ),
});
