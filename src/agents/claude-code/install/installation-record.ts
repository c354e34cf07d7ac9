// What is installed and where, as it was when it was last known to be right: the settings files with our hooks, and a copy
// of each. Rule: `init` and `uninstall` write it, and a session's start where there is no note yet; nothing else does.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EpochMs } from '../../../domain/time.ts';
import { makeFolder, readBytes, removeFile, replaceFile, targetOf, withLock } from './files.ts';
import { ourEntries } from './gate-mode.ts';
import type { HookEntry } from './hook-entry.ts';

/** A settings file that has our hooks. */
export interface RecordedPlace {
  readonly settingsPath: string;
  /** The project it is of; `null`: all of this person's. */
  readonly projectRoot: string | null;
  readonly entries: readonly HookEntry[];
  /** What the settings files set of the variables that decide over our hooks. */
  readonly variables: Readonly<Record<string, string>>;
  readonly recordedAt: EpochMs;
}

/** A settings file that a person has taken our hooks out of. */
export interface RecordedRemoval {
  readonly settingsPath: string;
  readonly removedAt: EpochMs;
}

export interface InstallationRecord {
  readonly version: 1;
  readonly places: readonly RecordedPlace[];
  readonly removals: readonly RecordedRemoval[];
}

const NOTHING: InstallationRecord = { version: 1, places: [], removals: [] };
const MAX_REMOVALS = 100;

const recordFile = (stateHome: string): string => join(stateHome, 'installation.json');

/** The note; empty where there is none, or none that can be read. */
export function readInstallation(stateHome: string): InstallationRecord {
  try {
    const text = readBytes(recordFile(stateHome))?.toString('utf8') ?? 'null';
    const record = JSON.parse(text) as InstallationRecord | null;
    const isOurs = Array.isArray(record?.places) && Array.isArray(record?.removals);
    return isOurs && record?.version === 1 ? record : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** Notes a settings file as it is now, and keeps a copy of it. Nothing is noted for a file without hooks of ours. */
export function recordPlace(
  stateHome: string,
  { settingsPath, projectRoot, variables }: Omit<RecordedPlace, 'entries' | 'recordedAt'>,
  now: EpochMs,
): void {
  const bytes = readBytes(targetOf(settingsPath));
  const entries = bytes === null ? [] : ourEntries(bytes.toString('utf8'));
  if (bytes === null || entries.length === 0) return;
  change(stateHome, ({ places, removals, ...rest }) => {
    const copy = copyFile(stateHome, settingsPath);
    makeFolder(join(copy, '..'), 0o700);
    replaceFile(copy, bytes, 0o600);
    const place = { settingsPath, projectRoot, entries, variables, recordedAt: now };
    return {
      ...rest,
      places: [...without(places, settingsPath), place],
      removals: without(removals, settingsPath),
    };
  });
}

/** Notes that a person has taken our hooks out of a settings file: running sessions then let the change through. */
export function recordRemoval(stateHome: string, settingsPath: string, now: EpochMs): void {
  change(stateHome, ({ places, removals, ...rest }) => ({
    ...rest,
    places: without(places, settingsPath),
    removals: [...without(removals, settingsPath), { settingsPath, removedAt: now }].slice(
      -MAX_REMOVALS,
    ),
  }));
  removeFile(copyFile(stateHome, settingsPath));
}

/** The bytes a settings file had when it was noted; `null` where there is no copy. */
export function readRecordedBytes(stateHome: string, settingsPath: string): Buffer | null {
  return readBytes(copyFile(stateHome, settingsPath));
}

function copyFile(stateHome: string, settingsPath: string): string {
  const key = createHash('sha256').update(settingsPath).digest('hex').slice(0, 16);
  return join(stateHome, 'installed', `${key}.settings`);
}

function without<T extends { readonly settingsPath: string }>(
  all: readonly T[],
  settingsPath: string,
): readonly T[] {
  return all.filter((each) => each.settingsPath !== settingsPath);
}

function change(stateHome: string, work: (record: InstallationRecord) => InstallationRecord): void {
  makeFolder(stateHome, 0o700);
  withLock(join(stateHome, 'locks', 'installation.lock'), () => {
    const next = work(readInstallation(stateHome));
    replaceFile(recordFile(stateHome), Buffer.from(`${JSON.stringify(next, null, 2)}\n`), 0o600);
  });
}
