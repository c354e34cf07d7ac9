// The configuration as a hook reads it: from a cache that is valid while the texts of all files are the same.
// Rule: no parser and no schema are loaded unless a file changed; a mistake in a file never makes the gate looser
// than the last configuration without mistakes, and is reported on every read.
import { statSync } from 'node:fs';
import { textHash } from '../domain/text-hash.ts';
import { places } from '../runtime/places.ts';
import type { Config, ConfigProblem } from './config.ts';
import type { ConfigFile, LoadedConfig, LoadOptions } from './load.ts';
import type { ConfigSource } from './paths.ts';
import { readSources, type SourceText } from './read-sources.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** Raised whenever the canonical shape or its defaults change. */
const CACHE_VERSION = 9;

/** What a hook is given. */
export interface CachedConfig {
  readonly config: Config;
  /** Mistakes and refusals in the files as they are now; the caller shows them. */
  readonly problems: readonly ConfigProblem[];
  readonly files: readonly ConfigFile[];
  /**
   * `files`: the files as they are. `last-good`: they have mistakes, and this is what they said before.
   * `partial`: they have mistakes, and there is nothing from before; the strictest reading of what is valid.
   */
  readonly basis: 'files' | 'last-good' | 'partial';
  /** True when no file was parsed for it. */
  readonly fromCache: boolean;
  /** Names the texts that were read, and what else their reading depends on. */
  readonly fingerprint: string;
  /** The texts as they are now. */
  readonly texts: readonly SourceText[];
  /** What else their reading depends on. */
  readonly surroundings: string;
}

/** Names texts and their surroundings by themselves, whatever the cache says they are named. */
export const fingerprintOf = ({
  surroundings,
  texts,
}: Pick<CachedConfig, 'surroundings' | 'texts'>): string =>
  hashed(JSON.stringify([surroundings, texts]));

/** The full loader, `loadConfig`; given as a function so that the caller can `require` it when it is needed. */
export type LoadFully = (sources: readonly ConfigSource[], options: LoadOptions) => LoadedConfig;

/** What reading needs besides the sources. */
export interface CacheOptions {
  /** The state folder. */
  readonly stateHome: string;
  readonly loadFully: LoadFully;
  /** Version of Tollgate: another version may read the same files otherwise. */
  readonly programVersion: string;
  /** Epoch ms, from the door. */
  readonly at: number;
}

interface CacheRecord {
  readonly version: number;
  readonly surroundings: string;
  /** Hashes stand for the texts: a configuration may hold what nobody should find here. */
  readonly texts: readonly SourceText[];
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
  readonly files: readonly ConfigFile[];
  readonly basis: CachedConfig['basis'];
  readonly fingerprint: string;
}

/** The configuration if no file has changed since it was cached; else `null`. Parses nothing but the cache. */
export function readUnchangedConfig(
  sources: readonly ConfigSource[],
  options: Pick<CacheOptions, 'stateHome' | 'programVersion'>,
): CachedConfig | null {
  return unchanged(readCache(sources, options));
}

/**
 * Reads the configuration. Throws only when the full loader itself cannot run and no earlier configuration is
 * known; a cache that cannot be read or written costs time, nothing else.
 */
export function readCachedConfig(
  sources: readonly ConfigSource[],
  options: CacheOptions,
): CachedConfig {
  const cache = readCache(sources, options);
  const cached = unchanged(cache);
  if (cached !== null) return cached;
  const { cacheFile, surroundings, texts, known } = cache;
  const fresh = load(sources, texts, known, options);
  const fingerprint = fingerprintOf({ surroundings, texts });
  const record: CacheRecord = {
    version: CACHE_VERSION,
    surroundings,
    texts: texts.map(hashedText),
    fingerprint,
    ...fresh,
  };
  writeStateFile(cacheFile, () => JSON.stringify(record));
  return given(record, texts, false);
}

/**
 * Reads the files anew and compares; a cache that says something else is replaced. False where it did: somebody has written it.
 * Only a configuration without mistakes is compared, since any other depends on the one before.
 */
export function checkCachedConfig(
  sources: readonly ConfigSource[],
  options: CacheOptions,
): boolean {
  const { cacheFile, texts, known } = readCache(sources, options);
  if (known === null || known.basis !== 'files') return true;
  const { config, problems } = options.loadFully(sources, { texts, at: options.at });
  if (problems.some(({ kind }) => kind === 'mistake')) return true;
  if (!sameTexts(known.texts, texts.map(hashedText))) return true;
  if (JSON.stringify(known.config) === JSON.stringify(config)) return true;
  writeStateFile(cacheFile, () => JSON.stringify({ ...known, config }));
  return false;
}

/** The texts as they are now beside what was cached for these files. */
function readCache(
  sources: readonly ConfigSource[],
  options: Pick<CacheOptions, 'stateHome' | 'programVersion'>,
) {
  const cacheFile = cacheFileOf(options.stateHome, sources);
  const surroundings = surroundingsOf(options.programVersion);
  const texts = readSources(sources);
  return { cacheFile, surroundings, texts, known: readRecord(cacheFile, sources) };
}

function unchanged({ known, surroundings, texts }: ReturnType<typeof readCache>) {
  const isSame =
    known?.surroundings === surroundings && sameTexts(known.texts, texts.map(hashedText));
  return isSame ? given(known, texts, true) : null;
}

function given(
  record: CacheRecord,
  texts: readonly SourceText[],
  fromCache: boolean,
): CachedConfig {
  const { config, problems, files, basis, fingerprint, surroundings } = record;
  return { config, problems, files, basis, fingerprint, texts, surroundings, fromCache };
}

function load(
  sources: readonly ConfigSource[],
  texts: readonly SourceText[],
  known: CacheRecord | null,
  { loadFully, at }: CacheOptions,
): Pick<CacheRecord, 'config' | 'problems' | 'files' | 'basis'> {
  const { config, problems, files } = loadFully(sources, { texts, at });
  if (!problems.some(({ kind }) => kind === 'mistake')) {
    return { config, problems, files, basis: 'files' };
  }
  if (known && known.basis !== 'partial') {
    return { config: known.config, problems, files, basis: 'last-good' };
  }
  return { config, problems, files, basis: 'partial' };
}

const hashedText = ({ file, text, code }: SourceText): SourceText => ({
  ...{ file, code },
  text: text === null ? null : hashed(text),
});

function sameTexts(a: readonly SourceText[], b: readonly SourceText[]): boolean {
  return a.every((one, index) => one.text === b[index]?.text && one.code === b[index]?.code);
}

/** What the reading of unchanged texts depends on besides: this program, and the zone of this machine. */
function surroundingsOf(programVersion: string): string {
  return `${programVersion}|${process.env.TZ ?? ''}|${zoneFile()}`;
}

/** Identity of the file that holds this machine's time zone; '' where there is none. */
function zoneFile(): string {
  if (places.zoneFile === null) return '';
  try {
    // All zones of a package are of one moment; when a file became what it is says `ctime`.
    const { ino, ctimeMs } = statSync(places.zoneFile);
    return `${ino}|${ctimeMs}`;
  } catch {
    return '';
  }
}

/** One cache file for each set of source files. */
function cacheFileOf(stateHome: string, sources: readonly ConfigSource[]): string {
  return `${stateHome}/config-cache/${hashed(sources.map(({ file }) => file).join('\n'))}.json`;
}

const hashed = (text: string): string =>
  textHash(text)
    .map((half) => half.toString(16).padStart(8, '0'))
    .join('');

/** The record, if it is of this version and of these very files. */
function readRecord(cacheFile: string, sources: readonly ConfigSource[]): CacheRecord | null {
  try {
    const record = JSON.parse(readStateFile(cacheFile).toString()) as Partial<CacheRecord> | null;
    if (record?.version !== CACHE_VERSION || !Array.isArray(record.texts)) return null;
    if (typeof record.config !== 'object' || !Array.isArray(record.config?.budgets)) return null;
    const same = sources.length === record.texts.length;
    if (!same || !sources.every(({ file }, index) => record.texts?.[index]?.file === file))
      return null;
    return record as CacheRecord;
  } catch {
    return null;
  }
}
