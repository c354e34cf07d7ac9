// What recording needs for each project a session worked in: its prices and its labels. Rule: most projects
// have no files of their own, and then the person's configuration is read once, from its cache.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import type { Config } from '../config/config.ts';
import { readCachedConfig } from '../config/config-cache.ts';
import { defaultConfig } from '../config/defaults.ts';
import { type ConfigSource, configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import type { RecordingDeps } from '../ingest/sync/record-chunks.ts';
import { builtFile } from '../runtime/built-file.ts';
import { VERSION } from '../runtime/version.ts';
import type { Store } from '../stores/store.ts';
import { placeReader, wireEvents } from '../wire.ts';
import type { CliContext } from './command.ts';

/** For calendar periods, which recording knows nothing of; asking for the machine's zone takes milliseconds. */
const ANY_ZONE = 'UTC';

type LoadModule = typeof import('../config/load.ts');

function readSources(context: CliContext, sources: readonly ConfigSource[]): Config {
  return readCachedConfig(sources, {
    stateHome: stateHome(context.env),
    programVersion: VERSION,
    at: context.now,
    // The schema library takes longer to load than most syncs take; it is a file of its own.
    loadFully: (...given) =>
      (
        createRequire(import.meta.url)(builtFile('hooks/config-loader.cjs')) as LoadModule
      ).loadConfig(...given),
  }).config;
}

/** Answers what to record with, by the folder a session worked in; each project is read once. */
export function recordingDeps(
  context: CliContext,
  store: Store,
): (folder: string | null) => RecordingDeps {
  const readPlace = placeReader(context.env, store);
  const read = (sources: readonly ConfigSource[]): RecordingDeps =>
    wireEvents(
      store,
      defaultConfig(sources, ANY_ZONE) ?? readSources(context, sources),
      context.env,
      context.cwd,
      readPlace,
    );
  const base = read(configSources('/', context.env));
  const known = new Map<string, RecordingDeps>();
  return (folder) => {
    // A folder of another machine has no configuration here.
    if (folder === null || !isAbsolute(folder)) return base;
    const found = known.get(folder) ?? depsOf(folder);
    known.set(folder, found);
    return found;
  };

  function depsOf(folder: string): RecordingDeps {
    const root = findProjectRoot(folder);
    const sources = configSources(root, context.env);
    const hasOwn = sources.some(
      ({ kind, file }) => (kind === 'project' || kind === 'local') && existsSync(file),
    );
    if (!hasOwn) return base;
    const deps = known.get(root) ?? read(sources);
    known.set(root, deps);
    return deps;
  }
}
