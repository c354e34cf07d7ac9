// What of the settings keeps Claude Code from running our hooks: files it skips, and switches that turn hooks off.
// Rule: reads only; what cannot be found out is no finding. Sources: client 2.1.330 (`claude doctor`, seen 2026-11-28).
import { execFileSync } from 'node:child_process';
import { places } from '../../../runtime/places.ts';
import { readBytes } from './files.ts';
import { type InstallScope, settingsPathOf } from './install.ts';
import { holdsOurHooks } from './settings-text.ts';
import { isStrictJson } from './strict-json.ts';

/** Why hooks do not run: one sentence, with the file. */
export interface HookObstacle {
  readonly code: 'SETTINGS_SKIPPED' | 'HOOKS_DISABLED' | 'MANAGED_HOOKS_ONLY';
  readonly file: string;
  readonly message: string;
}

const SCOPES: readonly InstallScope[] = ['user', 'project', 'local'];
/** The administrator's settings. */
export const MANAGED_SETTINGS = `${places.hostManagedFolder}/managed-settings.json`;

/** What keeps the hooks of a project from running, by the files alone. */
export function readHookObstacles(
  projectRoot: string,
  environment: NodeJS.ProcessEnv,
  managedFile = MANAGED_SETTINGS,
): readonly HookObstacle[] {
  const files = [
    ...SCOPES.map((scope) => settingsPathOf(scope, projectRoot, environment)),
    managedFile,
  ];
  return files.flatMap((file) => obstaclesIn(file, file === managedFile));
}

function obstaclesIn(file: string, isManaged: boolean): HookObstacle[] {
  const text = textOf(file);
  if (text === null) return [];
  if (!isStrictJson(text)) {
    if (!holdsOurHooks(text)) return [];
    const message = `${file} is no strict JSON, so Claude Code skips the whole file, our hooks included.`;
    return [{ code: 'SETTINGS_SKIPPED', file, message }];
  }
  const settings = (text.trim() === '' ? {} : JSON.parse(text.replace('\uFEFF', ''))) as Record<
    string,
    unknown
  >;
  const found: HookObstacle[] = [];
  if (settings?.disableAllHooks === true) {
    const message = `disableAllHooks is true in ${file}, so Claude Code runs no hooks.`;
    found.push({ code: 'HOOKS_DISABLED', file, message });
  }
  if (isManaged && settings?.allowManagedHooksOnly === true) {
    const message = `allowManagedHooksOnly is true in ${file}, so Claude Code runs only the hooks of that file.`;
    found.push({ code: 'MANAGED_HOOKS_ONLY', file, message });
  }
  return found;
}

/** What `claude doctor` says of a settings file; `null` when it accepts the file or does not answer. */
export function readHostRefusal(
  settingsPath: string,
  projectRoot: string,
  environment: NodeJS.ProcessEnv,
): string | null {
  try {
    const answer = execFileSync(environment.TOLLGATE_CLAUDE || 'claude', ['doctor'], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: {
        ...environment,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
      windowsHide: true,
    });
    return refusalIn(answer, settingsPath);
  } catch {
    return null; // older clients want a terminal for it
  }
}

/** The line about a file in the section "Invalid settings". */
export function refusalIn(answer: string, settingsPath: string): string | null {
  const section = /^Invalid settings\n((?:[- ].*\n?)+)/m.exec(answer)?.[1] ?? '';
  const start = `- ${settingsPath}`;
  const line = section.split('\n').find((each) => each.startsWith(start));
  return line === undefined ? null : line.slice(start.length).replace(/^[\s:]+/, '');
}

function textOf(file: string): string | null {
  try {
    return readBytes(file)?.toString('utf8') ?? null;
  } catch {
    return null;
  }
}
