// The configuration for an event: what the files say, from the cache that all hooks share, and what is in force by them.
import type { AgentEvent } from '../agents/agent.ts';
import {
  type CachedConfig,
  type CacheOptions,
  checkCachedConfig,
  type LoadFully,
  readCachedConfig,
} from '../config/config-cache.ts';
import { changeText } from '../config/differences.ts';
import {
  acceptFiles,
  type ConfigInForce,
  type Holds,
  readConfigInForce,
} from '../config/in-force.ts';
import { configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import { VERSION } from '../runtime/version.ts';

/** The schema library costs more than a whole decision, so it is a file of its own, loaded when a configuration changed. */
const loadFully: LoadFully = (sources, options) =>
  (require('../config/load.ts') as typeof import('../config/load.ts')).loadConfig(sources, options);

/** What the files say for whoever works in a folder. */
export function readConfigFor(folder: string, env: NodeJS.ProcessEnv): CachedConfig {
  const root = findProjectRoot(folder);
  return readCachedConfig(configSources(root, env), cacheOptions(env));
}

/** What to tell where the cache does not say what the files say; `null`: it does. Takes as long as reading them anew. */
export function checkConfigFor(folder: string, env: NodeJS.ProcessEnv): string | null {
  const root = findProjectRoot(folder);
  return checkCachedConfig(configSources(root, env), cacheOptions(env))
    ? null
    : 'Tollgate: its cached configuration was not what the files say. It is mended, and no decision was made with it.';
}

const cacheOptions = (env: NodeJS.ProcessEnv): CacheOptions => ({
  stateHome: stateHome(env),
  programVersion: VERSION,
  at: Date.now(),
  loadFully,
});

/** Moments at which it is noted that the files still say what counts: each turn begins and ends with one. */
const CONFIRMS: ReadonlySet<AgentEvent['moment']> = new Set<AgentEvent['moment']>([
  'session-start',
  'prompt',
  'turn-end',
  'session-end',
]);

/** What is in force for an event in a folder, by the files, the ledger, and what its session began under. */
export function configInForce(
  { sessionId, moment }: Pick<AgentEvent, 'sessionId' | 'moment'>,
  folder: string,
  known: CachedConfig,
  store: Holds,
  env: NodeJS.ProcessEnv,
): ConfigInForce {
  const notes = { sessionId, binds: true, confirms: CONFIRMS.has(moment) };
  return readConfigInForce(known, { ...queryFor(folder, env, Date.now()), ...notes }, store);
}

/** Lets what the files of a folder say count; answers each change in words. Call inside `store.immediately`. */
export const acceptConfig = (
  author: string,
  folder: string,
  known: CachedConfig,
  store: Holds,
  env: NodeJS.ProcessEnv,
): readonly string[] =>
  acceptFiles(known, queryFor(folder, env, Date.now()), author, store).map(changeText);

/** Asks about the files of a folder, from outside of any session. */
const queryFor = (folder: string, env: NodeJS.ProcessEnv, at: number) => ({
  sources: configSources(findProjectRoot(folder), env),
  loadFully,
  sessionId: null,
  binds: false,
  confirms: false,
  at,
});
