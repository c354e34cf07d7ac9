// What is installed, as it was seen last: files by path, with their stats and a hash. Rule: what a file says is read only where its stats
// changed; files of another version are an upgrade, and no news.
import { readFileSync } from 'node:fs';
import { statOf } from '../runtime/files.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** Hashing a larger file takes longer than a hook may: only `init` does, and until then its stats alone tell. */
const LARGE_BYTES = 16_000_000;
/** Several installations may share a state folder. */
const MAX_PROGRAMS = 8;
/** Of all projects that somebody works in. */
const MAX_SETTINGS = 100;

export interface KnownFile {
  readonly stat: string;
  /** `null`: it was too large to look into. */
  readonly hash: string | null;
}

/** `version` names what the files belong to. */
interface Part {
  readonly version: string;
  readonly files: Readonly<Record<string, KnownFile>>;
}

const PARTS = ['program', 'node', 'driver', 'settings'] as const;
type PartName = (typeof PARTS)[number];
type Parts = Readonly<Record<PartName, Part>>;

/** What an installation is made of, now. */
export interface InstalledPaths {
  /** The folder that names the installation. */
  readonly program: string;
  readonly parts: Readonly<
    Record<PartName, { readonly version: string; readonly paths: readonly string[] }>
  >;
}

/** Paths that say something else than when they were seen last; `null`: none was ever seen. */
export type ChangedPaths = Readonly<Record<PartName, readonly string[]>>;

const recordFile = (stateHome: string): string => `${stateHome}/program.json`;

/** What changed since the last time; what is there now is kept for the next. */
export function takeChangedFiles(
  stateHome: string,
  installed: InstalledPaths,
): ChangedPaths | null {
  const known = readRecord(stateHome)[installed.program];
  const { parts, changed } = compare(known, installed, false);
  if (known !== undefined && JSON.stringify(parts) === JSON.stringify(known)) return changed;
  writeRecord(stateHome, installed.program, parts);
  return known === undefined ? null : changed;
}

/** Notes what is installed now, for a person who has just installed it. */
export function recordFiles(stateHome: string, installed: InstalledPaths): void {
  writeRecord(stateHome, installed.program, compare(undefined, installed, true).parts);
}

interface Compared {
  readonly parts: Parts;
  readonly changed: ChangedPaths;
}

function compare(
  known: Parts | undefined,
  { parts: present }: InstalledPaths,
  readsAll: boolean,
): Compared {
  const parts: Partial<Record<PartName, Part>> = {};
  const changed: Partial<Record<PartName, readonly string[]>> = {};
  for (const name of PARTS) {
    const { version, paths } = present[name];
    const before = known?.[name].version === version ? known[name].files : {};
    // Settings of other projects are looked at where somebody works in those; what came to a program is no part of it.
    const seen = name === 'settings' ? paths : [...new Set([...paths, ...Object.keys(before)])];
    const compared = name === 'settings' ? paths : Object.keys(before);
    const now: Record<string, KnownFile> = name === 'settings' ? newestOf(before) : {};
    for (const path of seen) {
      const found = lookAt(path, before[path], readsAll);
      if (found === null) delete now[path];
      else now[path] = found;
    }
    parts[name] = { version, files: now };
    changed[name] = compared.filter((path) => isOther(before[path], now[path]));
  }
  return { parts: parts as Parts, changed: changed as ChangedPaths };
}

const newestOf = (files: Part['files']): Record<string, KnownFile> =>
  Object.fromEntries(Object.entries(files).slice(-MAX_SETTINGS));

/** Whether a file says something else; `undefined`: there was or is none. */
export const isOther = (before: KnownFile | undefined, now: KnownFile | undefined): boolean =>
  before?.stat !== now?.stat && (before?.hash == null || before.hash !== now?.hash);

/** A file as it is, `before` itself where its stats are the same; `null`: there is none. `readsAll`: also a large one. */
export function lookAt(
  path: string,
  before: KnownFile | undefined,
  readsAll: boolean,
): KnownFile | null {
  const found = statOf(path);
  if (found === null) return null;
  const { dev, ino, size, mtimeMs, ctimeMs, mode, uid } = found;
  const stat = [dev, ino, size, mtimeMs, ctimeMs, mode, uid].join();
  if (before?.stat === stat) return before;
  const reads = readsAll || size <= LARGE_BYTES || typeof before?.hash === 'string';
  return { stat, hash: reads ? hashOf(path) : null };
}

function hashOf(path: string): string {
  try {
    // Loaded now, because it would cost every hook some milliseconds.
    const { createHash } = process.getBuiltinModule('node:crypto');
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function readRecord(stateHome: string): Readonly<Record<string, Parts>> {
  try {
    const record = JSON.parse(readStateFile(recordFile(stateHome)).toString());
    return record?.version === 1 ? record.programs : {};
  } catch {
    return {}; // nobody has looked yet
  }
}

function writeRecord(stateHome: string, program: string, parts: Parts): void {
  const { [program]: _, ...others } = readRecord(stateHome);
  const kept = Object.entries(others).slice(-(MAX_PROGRAMS - 1));
  const programs = { ...Object.fromEntries(kept), [program]: parts };
  writeStateFile(recordFile(stateHome), () => JSON.stringify({ version: 1, programs }), false);
}
