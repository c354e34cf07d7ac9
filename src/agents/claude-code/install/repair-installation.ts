// Puts settings files back so that Claude Code runs our hooks again. Rule: what was there is kept in a copy first; of a file
// that can be understood only what stands in the way changes, and a file that is gone comes back byte for byte.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Node, parseTree } from 'jsonc-parser';
import type { EpochMs } from '../../../domain/time.ts';
import { makeFolder, modeOf, readBytes, replaceFile, targetOf } from './files.ts';
import { type InstallOutcome, rewrite } from './install.ts';
import { type InstallationRecord, readRecordedBytes } from './installation-record.ts';
import { invalidValueIn } from './invalid-settings.ts';
import { DECIDING_VARIABLES } from './judge-installation.ts';
import { remove } from './settings-splice.ts';
import {
  type PlannedText,
  planInstall,
  planUninstall,
  type SettingsText,
} from './settings-text.ts';

/** What was done to one file. */
export interface RepairedFile {
  readonly file: string;
  /** `written`: it has the bytes it was noted with; `mended`: only what stood in the way was changed. */
  readonly how: 'written' | 'mended' | 'unchanged';
  /** What was there before; `null`: nothing. */
  readonly keptIn: string | null;
}

/** Repairs one settings file; `problem` where it cannot be written. */
export function repairSettings(
  file: string,
  stateHome: string,
  record: InstallationRecord,
  now: EpochMs,
): RepairedFile | { readonly file: string; readonly problem: string } {
  const place = record.places.find(({ settingsPath }) => settingsPath === file) ?? null;
  const target = targetOf(file);
  const found = readBytes(target);
  const recorded = readRecordedBytes(stateHome, file);
  const isUsable = found !== null && isUnderstood(found.toString('utf8'));
  if (!isUsable && (place !== null || found !== null)) {
    const keptIn = found === null ? null : keepAside(stateHome, file, found, now);
    const bytes = recorded ?? Buffer.from('{}\n');
    makeFolder(dirname(target));
    replaceFile(target, bytes, modeOf(target) ?? 0o644);
    if (recorded !== null || place === null) return { file, how: 'written', keptIn };
  }
  const noted = recorded === null ? {} : parsed(recorded.toString('utf8'));
  const before = readBytes(target);
  const outcome: InstallOutcome = rewrite({ settingsPath: file, stateHome }, (settings) =>
    withoutObstacles(
      place === null
        ? unchanged(settings)
        : planInstall({ ...settings, hookEntries: place.entries }),
      settings,
      noted,
    ),
  );
  if (outcome.kind === 'failed') return { file, problem: outcome.problem.message };
  if (outcome.kind === 'unchanged') return { file, how: 'unchanged', keptIn: null };
  const keptIn = before === null ? null : keepAside(stateHome, file, before, now);
  return { file, how: 'mended', keptIn };
}

const unchanged = (settings: SettingsText): PlannedText =>
  settings.text === null
    ? planUninstall(settings)
    : { ok: true, nextText: settings.text, changed: false };

/** The text without the switch and the variables that were not there when the file was noted. */
function withoutObstacles(
  planned: PlannedText,
  settings: SettingsText,
  noted: Readonly<Record<string, unknown>>,
): PlannedText {
  if (!planned.ok) return planned;
  let text = planned.nextText;
  const keep = (path: readonly string[]) => {
    const at = propertyAt(text, path);
    if (at !== null) text = remove({ text, root: at.root, container: at.container }, at.property);
  };
  if (noted.disableAllHooks !== true) keep(['disableAllHooks']);
  const variables = (noted.env ?? {}) as Readonly<Record<string, unknown>>;
  for (const name of DECIDING_VARIABLES) {
    const value = propertyAt(text, ['env', name])?.property.children?.[1]?.value;
    if (value !== undefined && value !== variables[name]) keep(['env', name]);
  }
  return { ok: true, nextText: text, changed: text !== settings.text };
}

function propertyAt(text: string, path: readonly string[]) {
  const root = parseTree(text, [], { allowTrailingComma: true });
  let container: Node | undefined = root;
  let property: Node | undefined;
  for (const name of path) {
    if (property !== undefined) container = property.children?.[1];
    property = container?.children?.find((each) => each.children?.[0]?.value === name);
    if (property === undefined) return null;
  }
  return root && container && property ? { root, container, property } : null;
}

function isUnderstood(text: string): boolean {
  try {
    return text.trim() === '' || invalidValueIn(JSON.parse(text.replace('\uFEFF', ''))) === null;
  } catch {
    return false;
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text.replace('\uFEFF', '')) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Copies what a repair replaces; where it is kept. */
function keepAside(stateHome: string, file: string, bytes: Buffer, now: EpochMs): string {
  const folder = join(stateHome, 'backups');
  makeFolder(folder, 0o700);
  let copy = join(folder, `${basename(file)}.${now}`);
  for (let count = 1; existsSync(copy); count += 1)
    copy = join(folder, `${basename(file)}.${now}-${count}`);
  replaceFile(copy, bytes, 0o600);
  return copy;
}
