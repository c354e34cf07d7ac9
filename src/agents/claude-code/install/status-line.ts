// Putting our status line into Claude Code's settings beside the one that is there, and taking it out again.
// Rule: the file that decides now is the one that is edited, so that nobody's line is put out of sight by ours.
import { parseTree } from 'jsonc-parser';
import { readBytes, targetOf } from './files.ts';
import {
  type InstallOutcome,
  type InstallPlace,
  previewRewrite,
  rewrite,
  settingsPathOf,
  type UninstallOutcome,
  uninstall,
} from './install.ts';
import { holdsOurHooks } from './settings-text.ts';
import { holdsOurStatusLine, planStatusLine, planStatusLineRemoval } from './status-line-text.ts';

/** Where the line belongs: the settings file whose status line is shown now, else the person's own. */
export function statusLinePath(projectRoot: string, environment: NodeJS.ProcessEnv): string {
  // The client reads one status line only, from the first of these that has one.
  const scopes = ['local', 'project', 'user'] as const;
  const paths = scopes.map((scope) => settingsPathOf(scope, projectRoot, environment));
  return paths.find(holdsStatusLine) ?? settingsPathOf('user', projectRoot, environment);
}

/** What `installStatusLine` would do. Writes nothing. */
export function previewStatusLine(
  request: InstallPlace & { readonly command: string },
): InstallOutcome {
  const { command } = request;
  return previewRewrite(request, (settings) => planStatusLine({ ...settings, command }));
}

/** Puts the line in; `command` is `statusLineCommand(…)`. A second run changes nothing. */
export function installStatusLine(
  request: InstallPlace & { readonly command: string },
): InstallOutcome {
  const { command } = request;
  return rewrite(request, (settings) => planStatusLine({ ...settings, command }));
}

/** Takes the line out and leaves our hooks in; the line that was there before stands alone again. */
export function removeStatusLine(place: InstallPlace): UninstallOutcome {
  const { settingsPath } = place;
  const text = textOf(settingsPath);
  if (text === null || !holdsOurStatusLine(text))
    return { kind: 'nothing-to-remove', settingsPath };
  // With nothing else of ours in the file, it can be what it was to the byte.
  if (!holdsOurHooks(text)) return uninstall(place);
  const outcome = rewrite(place, planStatusLineRemoval);
  if (outcome.kind === 'failed') return outcome;
  if (outcome.kind === 'unchanged') return { kind: 'nothing-to-remove', settingsPath };
  return { kind: 'entries-removed', settingsPath, backupFile: outcome.backupFile };
}

function holdsStatusLine(settingsPath: string): boolean {
  const text = textOf(settingsPath);
  const root = text === null ? undefined : parseTree(text, [], { allowTrailingComma: true });
  return root?.children?.some((one) => one.children?.[0]?.value === 'statusLine') ?? false;
}

function textOf(settingsPath: string): string | null {
  try {
    return readBytes(targetOf(settingsPath))?.toString('utf8') ?? null;
  } catch {
    return null; // what cannot be read decides nothing; installing tells why
  }
}
