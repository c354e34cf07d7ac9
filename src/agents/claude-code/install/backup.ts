// The original of a settings file, byte for byte, and the note of what we wrote in its place.
// Rule: a copy is on disk before the file is touched; a copy that is not what the note says is not used.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeFolder, readBytes, removeFile, replaceFile } from './files.ts';
import { holdsOurHooks } from './settings-text.ts';
import { holdsOurStatusLine } from './status-line-text.ts';

/** The note beside a copy. */
export interface BackupRecord {
  readonly version: 1;
  /** The settings file, links followed. */
  readonly settingsPath: string;
  /** False when there was no file; then uninstall removes it. */
  readonly existed: boolean;
  /** Outermost folder that was made for the file; `null` when its folder was there. */
  readonly madeFolder: string | null;
  /** Where the copy is; `null` when there was nothing to copy. */
  readonly backupFile: string | null;
  readonly originalSha256: string | null;
  /** What we wrote, the last two times: a run may have died before it wrote the second. */
  readonly writtenSha256: readonly string[];
  /** False when somebody else's changes came in between; then the copy is not what uninstall should give back. */
  readonly exact: boolean;
}

/** A note and the bytes it speaks of; `original` is `null` when there was no file. */
export interface Backup {
  readonly record: BackupRecord;
  readonly original: Buffer | null;
}

/** What one install finds and is about to write. */
export interface Replacement {
  readonly bytes: Buffer | null;
  readonly text: string | null;
  readonly madeFolder: string | null;
  /** SHA-256 of the text that will be there. */
  readonly writes: string;
}

/** The note for this install: the original stays the one from before the first. */
export function recordOf(stateHome: string, target: string, found: Replacement): BackupRecord {
  const { bytes, text, madeFolder, writes } = found;
  const known = readBackup(stateHome, target)?.record ?? null;
  const now = bytes === null ? null : sha256(bytes);
  if (known !== null && now !== null && known.writtenSha256.includes(now)) {
    return { ...known, writtenSha256: [now, writes] };
  }
  if (known !== null && text !== null && holdsOurs(text)) {
    return { ...known, writtenSha256: [writes], exact: false };
  }
  return {
    version: 1,
    settingsPath: target,
    existed: bytes !== null,
    madeFolder,
    backupFile: bytes === null ? null : filesOf(stateHome, target).copy,
    originalSha256: now,
    writtenSha256: [writes],
    exact: text === null || !holdsOurs(text),
  };
}

const holdsOurs = (text: string): boolean => holdsOurHooks(text) || holdsOurStatusLine(text);

/** Keeps the copy, unless an earlier original is kept, and then the note. */
export function keepBackup(
  stateHome: string,
  target: string,
  record: BackupRecord,
  bytes: Buffer | null,
): void {
  const { folder, copy, note } = filesOf(stateHome, target);
  makeFolder(folder, 0o700);
  const isOriginal = bytes !== null && sha256(bytes) === record.originalSha256;
  if (isOriginal) replaceFile(copy, bytes, 0o600);
  replaceFile(note, Buffer.from(`${JSON.stringify(record, null, 2)}\n`), 0o600);
}

/** The note and the copy; `null` when there is no note, or the copy is gone or is another. */
export function readBackup(stateHome: string, target: string): Backup | null {
  const { copy, note } = filesOf(stateHome, target);
  try {
    const record = JSON.parse(readBytes(note)?.toString('utf8') ?? 'null') as BackupRecord | null;
    if (record?.version !== 1 || record.settingsPath !== target) return null;
    if (!record.existed) return { record, original: null };
    const original = readBytes(copy);
    if (original === null || sha256(original) !== record.originalSha256) return null;
    return { record, original };
  } catch {
    return null; // a note nobody can read is no note; uninstall then takes out our entries only
  }
}

/** Forgets a file that has its original back. */
export function dropBackup(stateHome: string, target: string): void {
  const { copy, note } = filesOf(stateHome, target);
  removeFile(note);
  removeFile(copy);
}

function filesOf(stateHome: string, target: string) {
  const folder = join(stateHome, 'backups');
  const key = sha256(target).slice(0, 16);
  return { folder, copy: join(folder, `${key}.original`), note: join(folder, `${key}.json`) };
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
