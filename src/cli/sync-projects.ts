// What recording needs for each project a session worked in: its prices and its labels. Rule: most projects
// have no files of their own, and then the person's configuration is read once, from its cache.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { NOWHERE, type Place } from '../attribution/source.ts';
import type { Config } from '../config/config.ts';
import { readCachedConfig } from '../config/config-cache.ts';
import { defaultConfig } from '../config/defaults.ts';
import { type ConfigSource, configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import type { RecordingDeps, RecordingLedger } from '../ingest/sync/record-chunks.ts';
import { builtFile } from '../runtime/built-file.ts';
import { localPath, pathSystemOf } from '../runtime/local-path.ts';
import { VERSION } from '../runtime/version.ts';
import type { Store } from '../stores/store.ts';
import { type PlaceReader, placeReader, wireEvents } from '../wire.ts';
import type { CliContext } from './command.ts';
import { foreignTest } from './sync-sources.ts';

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

/** What a sync reads, and who did the work in it. */
export interface SyncSource {
  readonly folders: readonly string[];
  /** Said by a person; `null`: as git says here, and nobody for folders of elsewhere. */
  readonly developer: string | null;
}

/** Answers what to record with, by the folder a session worked in and its transcript; each project is read once. */
export function recordingDeps(
  context: CliContext,
  store: Store,
  { folders, developer }: SyncSource,
): RecordingLedger['depsFor'] {
  const readHere = placeReader(context.env, store);
  const isForeign = foreignTest(folders, context.env);
  const system = pathSystemOf(context.env);
  const own = remembered((cwd) =>
    developer === null ? readHere(cwd) : { ...readHere(cwd), developer },
  );
  // Of another machine's work this one knows the repository at most, and only where the same folder is here.
  const foreign = remembered((cwd) => {
    const local = cwd === null ? null : localPath(cwd, system);
    const isHere = local !== null && existsSync(local);
    return { ...(isHere ? readHere(local) : NOWHERE), branch: null, developer };
  });
  const ownDeps = depsByFolder(context, store, own);
  const foreignDeps = depsByFolder(context, store, foreign);
  return (folder, mainPath) => (isForeign(mainPath) ? foreignDeps : ownDeps)(folder);
}

/** One place is one object: labels are looked up by it. */
function remembered(read: PlaceReader): PlaceReader {
  const known = new Map<string | null, Place>();
  return (cwd) => {
    const place = known.get(cwd) ?? read(cwd);
    known.set(cwd, place);
    return place;
  };
}

function depsByFolder(
  context: CliContext,
  store: Store,
  readPlace: PlaceReader,
): (folder: string | null) => RecordingDeps {
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
  const system = pathSystemOf(context.env);
  return (cwd) => {
    // A folder of another machine has no configuration here.
    const folder = cwd === null ? null : localPath(cwd, system);
    if (folder === null) return base;
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
