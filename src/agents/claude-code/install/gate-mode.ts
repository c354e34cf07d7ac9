// Which hooks answer the tools of a settings file: those of the resident gate, or command hooks standing in for it.
// Rule: only our own entries change, under the same lock and with the same note as when they were installed.

import { parse } from 'jsonc-parser';
import { readBytes, targetOf } from './files.ts';
import { isOurHook } from './hook-entries.ts';
import type { HookEntry } from './hook-entry.ts';
import { type InstallOutcome, type InstallPlace, rewrite } from './install.ts';
import { withGateMode } from './resident-entries.ts';
import type { GateMode } from './resident-names.ts';
import { planInstall } from './settings-text.ts';

/** Whether a settings file is in this mode; false for one that is not there or cannot be read. */
export function isInGateMode(settingsPath: string, mode: GateMode): boolean {
  try {
    const text = readBytes(targetOf(settingsPath))?.toString('utf8') ?? '';
    return ourEntries(text).some(({ group }) => {
      const [hook] = group.hooks;
      return hook.type === 'command' && (hook.args ?? []).includes(mode);
    });
  } catch {
    return false;
  }
}

/** Puts a settings file into a mode. */
export function setGateMode(place: InstallPlace, mode: GateMode): InstallOutcome {
  return rewrite(place, (settings) => {
    const hookEntries = withGateMode(ourEntries(settings.text ?? ''), mode);
    return planInstall({ ...settings, hookEntries });
  });
}

/** The entries of ours in a settings file's text, as they are. */
export function ourEntries(text: string): readonly HookEntry[] {
  const { hooks } = (parse(text.replace('\uFEFF', ''), [], { allowTrailingComma: true }) ?? {}) as {
    readonly hooks?: unknown;
  };
  if (typeof hooks !== 'object' || hooks === null) return [];
  return Object.entries(hooks).flatMap(([event, groups]) =>
    (Array.isArray(groups) ? groups : [])
      .filter((group) => group?.hooks?.length === 1 && isOurHook(group.hooks[0]))
      .map((group): HookEntry => ({ event, group })),
  );
}
