// Putting Tollgate's hooks into a settings file, and taking them out again so that the file is as it was.
// Rule: the original is kept byte for byte before anything is written; a refusal is a value, and leaves all as it is.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { below, places } from '../../../runtime/places.ts';
import { claudeFolder } from '../paths.ts';
import { dropBackup, keepBackup, readBackup, recordOf } from './backup.ts';
import {
  errorCode,
  isReadOnly,
  makeFolder,
  modeOf,
  readBytes,
  removeEmptyFolders,
  removeFile,
  replaceFile,
  targetOf,
  withLock,
} from './files.ts';
import { type EntryFacts, type HookFile, hookEntries, portableHookFiles } from './hook-entries.ts';
import type { CommandEntry, HookEntry } from './hook-entry.ts';
import type { HostVersion } from './host-version.ts';
import {
  type PlannedText,
  planInstall,
  planUninstall,
  type SettingsProblem,
  type SettingsText,
} from './settings-text.ts';
import { planStatusLineRemoval } from './status-line-text.ts';

/** Whose sessions the hooks are for: everybody's in this project, mine in this project, all of mine, everybody's on this machine. */
export type InstallScope = 'project' | 'local' | 'user' | 'managed';

/** The settings file of a scope; the user's honours `CLAUDE_CONFIG_DIR`. */
export function settingsPathOf(
  scope: InstallScope,
  projectRoot: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  if (scope === 'managed') return below(places.hostManagedFolder, 'managed-settings.json');
  if (scope === 'user') return join(claudeFolder(environment), 'settings.json');
  const name = scope === 'project' ? 'settings.json' : 'settings.local.json';
  return join(projectRoot, '.claude', name);
}

/** The entries for this machine: this node, this environment, hooks built into `hooksFolder`. */
export function hookEntriesHere(
  hookFiles: readonly HookFile[],
  hostVersion: HostVersion | null,
  environment: NodeJS.ProcessEnv = process.env,
  nodePath: string = process.execPath,
): readonly CommandEntry[] {
  const facts: EntryFacts = {
    hookFiles,
    nodePath,
    nodeVersion: process.versions.node,
    hostVersion,
    envPath: existsSync('/usr/bin/env') ? '/usr/bin/env' : null,
    extraCaCerts: Boolean(environment.NODE_EXTRA_CA_CERTS),
  };
  return hookEntries(facts);
}

/** The entries for everybody who works in a project: `node` from PATH, and the launcher that the project holds. */
export function projectHookEntries(hostVersion: HostVersion | null): readonly CommandEntry[] {
  return hookEntries({
    hookFiles: portableHookFiles(),
    nodePath: 'node',
    nodeVersion: process.versions.node,
    hostVersion,
    envPath: null,
    extraCaCerts: false,
  });
}

/** A settings file and the state folder that keeps its original. */
export interface InstallPlace {
  /** Absolute path, possibly a link. */
  readonly settingsPath: string;
  /** Tollgate's state folder. */
  readonly stateHome: string;
}

/** What installing would do, or did. `before` is `null` where there was no file. */
export type InstallOutcome =
  | {
      readonly kind: 'installed';
      readonly settingsPath: string;
      readonly before: string | null;
      readonly after: string;
      /** Copy of the original; `null` where there was none, and in a preview. */
      readonly backupFile: string | null;
    }
  | { readonly kind: 'unchanged'; readonly settingsPath: string }
  | { readonly kind: 'failed'; readonly problem: SettingsProblem };

/** What uninstalling did. */
export type UninstallOutcome =
  /** The file has its original bytes again, or is gone because there was none. */
  | { readonly kind: 'restored'; readonly settingsPath: string; readonly fileRemoved: boolean }
  /** The file had changed since, or its original is not known: only our entries were taken out. */
  | {
      readonly kind: 'entries-removed';
      readonly settingsPath: string;
      /** Copy of the original, kept; `null` when there is none. */
      readonly backupFile: string | null;
    }
  | { readonly kind: 'nothing-to-remove'; readonly settingsPath: string }
  | { readonly kind: 'failed'; readonly problem: SettingsProblem };

/** What `install` would do. Writes nothing. */
export function previewInstall(
  request: InstallPlace & { readonly hookEntries: readonly HookEntry[] },
): InstallOutcome {
  return previewRewrite(request, (settings) => planInstall({ ...request, text: settings.text }));
}

/** Puts the entries in. A second run changes nothing; a moved node or hook replaces our entries only. */
export function install(
  request: InstallPlace & { readonly hookEntries: readonly HookEntry[] },
): InstallOutcome {
  return rewrite(request, (settings) => planInstall({ ...request, text: settings.text }));
}

/** From the text of a settings file to the one that is wanted. */
export type RewritePlan = (settings: SettingsText) => PlannedText;

/** What `rewrite` would do. Writes nothing. */
export function previewRewrite(
  { settingsPath }: InstallPlace,
  planOf: RewritePlan,
): InstallOutcome {
  return guarded(settingsPath, () => {
    const found = readText(targetOf(settingsPath), settingsPath);
    if (!found.ok) return { kind: 'failed', problem: found.problem };
    const plan = planOf({ settingsPath, text: found.text });
    if (!plan.ok) return { kind: 'failed', problem: plan.problem };
    if (!plan.changed) return { kind: 'unchanged', settingsPath };
    const texts = { before: found.text, after: plan.nextText };
    return { kind: 'installed', settingsPath, ...texts, backupFile: null };
  });
}

/** Writes what is planned, with the original kept first. */
export function rewrite(place: InstallPlace, planOf: RewritePlan): InstallOutcome {
  return alone(place, (target): InstallOutcome | null => {
    const { settingsPath, stateHome } = place;
    const found = readText(target, settingsPath);
    if (!found.ok) return { kind: 'failed', problem: found.problem };
    const { bytes, text } = found;
    const plan = planOf({ settingsPath, text });
    if (!plan.ok) return { kind: 'failed', problem: plan.problem };
    if (!plan.changed) return { kind: 'unchanged', settingsPath };
    if (isReadOnly(target)) return { kind: 'failed', problem: readOnly(settingsPath) };
    const madeFolder = makeFolder(dirname(target));
    const next = Buffer.from(plan.nextText, 'utf8');
    const record = recordOf(stateHome, target, { bytes, text, madeFolder, writes: sha256(next) });
    keepBackup(stateHome, target, record, bytes);
    if (!sameBytes(readBytes(target), bytes)) return null;
    replaceFile(target, next, modeOf(target) ?? 0o644);
    const { backupFile } = record;
    return { kind: 'installed', settingsPath, before: text, after: plan.nextText, backupFile };
  });
}

/** Takes the entries out: exactly the original where nothing else changed since, else our entries only. */
export function uninstall(request: InstallPlace): UninstallOutcome {
  return alone(request, (target): UninstallOutcome | null => {
    const { settingsPath, stateHome } = request;
    const bytes = readBytes(target);
    if (bytes === null) return { kind: 'nothing-to-remove', settingsPath };
    const kept = readBackup(stateHome, target);
    if (kept?.record.exact && kept.record.writtenSha256.includes(sha256(bytes))) {
      if (isReadOnly(target)) return { kind: 'failed', problem: readOnly(settingsPath) };
      if (kept.original === null) removeWithFolder(target, kept.record.madeFolder);
      else replaceFile(target, kept.original, modeOf(target) ?? 0o644);
      dropBackup(stateHome, target);
      return { kind: 'restored', settingsPath, fileRemoved: kept.original === null };
    }
    const found = readText(target, settingsPath);
    if (!found.ok) return { kind: 'failed', problem: found.problem };
    const plan = planWithoutOurs({ settingsPath, text: found.text });
    if (!plan.ok) return { kind: 'failed', problem: plan.problem };
    if (!plan.changed) return { kind: 'nothing-to-remove', settingsPath };
    if (isReadOnly(target)) return { kind: 'failed', problem: readOnly(settingsPath) };
    if (!sameBytes(readBytes(target), bytes)) return null;
    const wasAbsent = kept !== null && kept.record.existed === false;
    if (wasAbsent && /^\s*\{\s*\}\s*$/.test(plan.nextText)) {
      removeWithFolder(target, kept.record.madeFolder);
    } else {
      replaceFile(target, Buffer.from(plan.nextText, 'utf8'), modeOf(target) ?? 0o644);
    }
    const backupFile = kept?.record.backupFile ?? null;
    return { kind: 'entries-removed', settingsPath, backupFile };
  });
}

/** What `uninstall` would make of the file, as a change of its text. Writes nothing. */
export function previewUninstall({ settingsPath, stateHome }: InstallPlace): InstallOutcome {
  return previewRewrite({ settingsPath, stateHome }, (settings) => {
    const kept = readBackup(stateHome, targetOf(settingsPath));
    const { text } = settings;
    if (text === null || !kept?.record.exact) return planWithoutOurs(settings);
    if (!kept.record.writtenSha256.includes(sha256(text))) return planWithoutOurs(settings);
    return { ok: true, nextText: kept.original?.toString('utf8') ?? '', changed: true };
  });
}

/** The text without our hooks and without our status line. */
function planWithoutOurs(settings: SettingsText): PlannedText {
  const hooks = planUninstall(settings);
  if (!hooks.ok) return hooks;
  const line = planStatusLineRemoval({ ...settings, text: hooks.nextText });
  return line.ok ? { ...line, changed: line.changed || hooks.changed } : line;
}

const MAX_TRIES = 5;

/** Runs `work` under the file's lock, again when it gives `null` because the file changed meanwhile. */
function alone<T>(
  { settingsPath, stateHome }: InstallPlace,
  work: (target: string) => T | null,
): T | Failed {
  return guarded<T | Failed>(settingsPath, () => {
    const target = targetOf(settingsPath);
    const lockFile = join(stateHome, 'locks', `${sha256(target).slice(0, 16)}.lock`);
    const turn = withLock(lockFile, () => {
      for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
        const outcome = work(target);
        if (outcome !== null) return outcome;
      }
      return null;
    });
    if (turn === null) {
      const hint = `Wait for it, or remove ${lockFile} if it is gone.`;
      return failed('LOCKED', settingsPath, 'Another run is editing this file.', hint);
    }
    if (turn.done !== null) return turn.done;
    const message = 'The file kept changing while it was being edited.';
    return failed('CHANGED_MEANWHILE', settingsPath, message, 'Run this again.');
  });
}

interface Failed {
  readonly kind: 'failed';
  readonly problem: SettingsProblem;
}

function failed(
  code: SettingsProblem['code'],
  path: string,
  message: string,
  hint: string,
): Failed {
  return { kind: 'failed', problem: { code, path, at: null, message, hint } };
}

/** What the system refuses is a value like any other refusal. */
function guarded<T>(settingsPath: string, work: () => T): T | Failed {
  try {
    return work();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EUNKNOWN') throw error;
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
      return { kind: 'failed', problem: readOnly(settingsPath, (error as { path?: string }).path) };
    }
    const message = `The file could not be edited (${code}): ${(error as Error).message}.`;
    return failed(
      'UNWRITABLE',
      settingsPath,
      message,
      'Nothing of it was changed; see the reason.',
    );
  }
}

/** `refused`: the file or folder that the system named; what lies beside the settings file is part of its writing. */
function readOnly(settingsPath: string, refused = settingsPath): SettingsProblem {
  if (dirname(refused) !== dirname(settingsPath) && refused !== dirname(settingsPath)) {
    const message = 'The file or folder is read-only.';
    const hint = 'Make it writable for you, or set TOLLGATE_HOME to a folder that is.';
    return { code: 'READ_ONLY', path: refused, at: null, message, hint };
  }
  const path = settingsPath;
  const message = 'The file, or its folder, is read-only.';
  const hint = 'Make it writable for you, or choose another scope: --scope user, project or local.';
  return { code: 'READ_ONLY', path, at: null, message, hint };
}

type FoundText =
  | { readonly ok: true; readonly bytes: Buffer | null; readonly text: string | null }
  | { readonly ok: false; readonly problem: SettingsProblem };

function readText(target: string, path: string): FoundText {
  const bytes = readBytes(target);
  if (bytes === null) return { ok: true, bytes, text: null };
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { ok: true, bytes, text: decoder.decode(bytes) };
  } catch {
    const message = 'The file is not UTF-8 text.';
    const hint = 'Save it as UTF-8 and run this again; nothing was written.';
    return { ok: false, problem: { code: 'NOT_UTF8', path, at: null, message, hint } };
  }
}

function removeWithFolder(file: string, madeFolder: string | null): void {
  removeFile(file);
  if (madeFolder !== null) removeEmptyFolders(dirname(file), madeFolder);
}

function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
