// Whether the settings files still have Claude Code run our hooks as they were installed. Rule: reads only; all files that
// bear on a session are read anew each time, because an allowed change brings in every change that was refused before.

import { isDeepStrictEqual } from 'node:util';
import { commandLineOf, environmentOf } from '../../../runtime/processes.ts';
import { readBytes } from './files.ts';
import { ourEntries } from './gate-mode.ts';
import type { HookEntry } from './hook-entry.ts';
import { MANAGED_SETTINGS } from './host-settings.ts';
import { settingsPathOf } from './install.ts';
import type { InstallationRecord, RecordedPlace } from './installation-record.ts';
import { invalidValueIn } from './invalid-settings.ts';
import { withGateMode } from './resident-entries.ts';

/** Something that would keep our hooks from running, or have them guard something else. */
export interface InstallationFault {
  readonly code:
    | 'HOOKS_GONE'
    | 'HOOKS_CHANGED'
    | 'SETTINGS_SKIPPED'
    | 'HOOKS_DISABLED'
    | 'MANAGED_HOOKS_ONLY'
    | 'PLUGIN_DISABLED'
    | 'ENVIRONMENT_REDIRECTED';
  readonly file: string;
  /** One sentence for people. */
  readonly message: string;
}

/** A session, as far as its settings go. */
export interface JudgedSession {
  /** The folder whose `.claude` the client reads. */
  readonly projectRoot: string;
  /** What the client gives its hooks. */
  readonly environment: NodeJS.ProcessEnv;
  /** The plugin this program is part of; `null`: none. */
  readonly plugin: string | null;
  /** For tests. */
  readonly managedFile?: string;
}

/** Variables that decide which program runs, and which ledger and configuration it uses. */
export const DECIDING_VARIABLES = [
  'TOLLGATE_HOME',
  'TOLLGATE_INSTALL',
  'TOLLGATE_RUN_CONFIG',
  'CLAUDE_CONFIG_DIR',
  'XDG_STATE_HOME',
  'XDG_CONFIG_HOME',
  'HOME',
  'PATH',
  'NODE_OPTIONS',
  'NODE_PATH',
  'LD_PRELOAD',
  'LD_AUDIT',
  'LD_LIBRARY_PATH',
  'DYLD_INSERT_LIBRARIES',
  'DYLD_LIBRARY_PATH',
  'OPENSSL_CONF',
] as const;
/** Of these nothing but a settings file changes the value between the client and its hooks. */
const HANDED_ON: ReadonlySet<string> = new Set([
  'TOLLGATE_HOME',
  'TOLLGATE_RUN_CONFIG',
  'CLAUDE_CONFIG_DIR',
  'XDG_STATE_HOME',
  'XDG_CONFIG_HOME',
  'HOME',
]);
const GATE_EVENTS = ['UserPromptSubmit', 'PreToolUse'];

interface SettingsFile {
  readonly file: string;
  readonly text: string | null;
  /** `null`: not there, or the client would skip it. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  /** Why the client skips it; `null`: it does not. */
  readonly skipped: string | null;
}

/** What is wrong, the worst first; empty: our hooks run as they were installed. */
export function judgeInstallation(
  session: JudgedSession,
  record: InstallationRecord,
): readonly InstallationFault[] {
  const { environment } = session;
  const allFiles = settingsFilesOf(session);
  const managed = allFiles.at(-1) as SettingsFile;
  const files = allFiles.slice(0, -1);
  const places = record.places.filter(({ settingsPath }) =>
    files.some(({ file }) => file === settingsPath),
  );
  const noted = places.at(-1)?.variables ?? null;
  const redirected = redirectedIn(allFiles, environment, noted);
  // The administrator's hooks run whatever the other files say.
  if (holdsGates(managed)) return redirected;
  const faults = places.flatMap((place) => judgePlace(place, files));
  return [
    ...faults,
    ...switchedOff(files, managed),
    ...(session.plugin === null ? [] : pluginOff(files, environment)),
    ...(places.length > 0 || session.plugin !== null ? [] : unnoted(files, session, record)),
    ...redirected,
  ];
}

/** The files, the one that binds most last: the administrator's. */
function settingsFilesOf(session: JudgedSession): readonly SettingsFile[] {
  const { managedFile = MANAGED_SETTINGS, environment, projectRoot } = session;
  return [
    ...(['user', 'project', 'local'] as const).map((scope) =>
      readSettings(settingsPathOf(scope, projectRoot, environment)),
    ),
    ...flagSettings(environment),
    readSettings(managedFile),
  ];
}

/** A file with hooks that the note does not know: what runs this was in one of them. */
function unnoted(
  files: readonly SettingsFile[],
  { projectRoot, environment }: JudgedSession,
  { removals }: InstallationRecord,
): InstallationFault[] {
  if (files.some(holdsGates) || isFlagUnknown(environment)) return [];
  if (removals.some(({ settingsPath }) => files.some(({ file }) => file === settingsPath)))
    return [];
  const file = settingsPathOf('project', projectRoot, environment);
  const message = `no settings file of ${projectRoot} or of this person has the hooks of Tollgate any more`;
  return [{ code: 'HOOKS_GONE', file, message }];
}

function judgePlace(place: RecordedPlace, files: readonly SettingsFile[]): InstallationFault[] {
  const { settingsPath: file } = place;
  const found = files.find((each) => each.file === file);
  if (found === undefined || found.text === null) {
    return [{ code: 'HOOKS_GONE', file, message: `${file} is gone, and with it the hooks` }];
  }
  if (found.skipped !== null) {
    const message = `${file} is not valid (${found.skipped}), so Claude Code would skip the whole file, the hooks included`;
    return [{ code: 'SETTINGS_SKIPPED', file, message }];
  }
  const present = ourEntries(found.text);
  if (present.length === 0) {
    return [{ code: 'HOOKS_GONE', file, message: `${file} has no hooks of Tollgate any more` }];
  }
  const now = inOneMode(present);
  const lost = inOneMode(place.entries).filter(
    (entry) => !now.some((each) => isDeepStrictEqual(each, entry)),
  );
  if (lost.length === 0) return [];
  const events = lost.map(({ event }) => event).join(', ');
  const isGone = lost.every(({ event }) => !present.some((each) => each.event === event));
  return [
    {
      code: isGone ? 'HOOKS_GONE' : 'HOOKS_CHANGED',
      file,
      message: `${file} ${isGone ? 'has no hook of Tollgate any more for' : 'has other hooks of Tollgate than were installed for'} ${events}`,
    },
  ];
}

/** A resident gate and the command hooks that stand in for it are the same installation. */
const inOneMode = (entries: readonly HookEntry[]): readonly HookEntry[] =>
  withGateMode(entries, '--stand-in');

function switchedOff(files: readonly SettingsFile[], managed: SettingsFile): InstallationFault[] {
  const found: InstallationFault[] = files
    .filter(({ settings }) => settings?.disableAllHooks === true)
    .map(({ file }) => {
      const message = `disableAllHooks is true in ${file}, so Claude Code would run no hooks`;
      return { code: 'HOOKS_DISABLED', file, message };
    });
  if (managed.settings?.allowManagedHooksOnly === true) {
    const { file } = managed;
    const message = `allowManagedHooksOnly is true in ${file}, so Claude Code would run only the hooks of that file`;
    found.push({ code: 'MANAGED_HOOKS_ONLY', file, message });
  }
  return found;
}

function pluginOff(
  files: readonly SettingsFile[],
  environment: NodeJS.ProcessEnv,
): InstallationFault[] {
  const switches = files.flatMap(({ file, settings }) =>
    Object.entries((settings?.enabledPlugins as object | undefined) ?? {})
      .filter(([name]) => /^tollgate@/.test(name))
      .map(([name, isOn]) => ({ file, name, isOn: isOn === true })),
  );
  const off = switches.find(({ isOn }) => !isOn);
  if (off !== undefined) {
    const message = `enabledPlugins switches ${off.name} off in ${off.file}`;
    return [{ code: 'PLUGIN_DISABLED', file: off.file, message }];
  }
  if (switches.length > 0 || clientWords(environment)?.includes('--plugin-dir') !== false)
    return [];
  const file = files[0]?.file ?? '';
  return [
    { code: 'PLUGIN_DISABLED', file, message: 'no settings file enables the plugin any more' },
  ];
}

/** Deciding variables that the files would give another value than this process, or the installation, has. */
function redirectedIn(
  files: readonly SettingsFile[],
  environment: NodeJS.ProcessEnv,
  noted: Readonly<Record<string, string>> | null,
): InstallationFault[] {
  const isHook = Boolean(environment.CLAUDE_PID);
  if (!isHook && noted === null) return []; // nothing to compare with
  const started = isHook ? environmentOf(Number(environment.CLAUDE_PID)) : '';
  return DECIDING_VARIABLES.flatMap((name) => {
    const setter = files.findLast(
      ({ settings }) => typeof variablesOf(settings)[name] === 'string',
    );
    if (setter === undefined && isHook && (started === 'unknown' || !HANDED_ON.has(name)))
      return [];
    const next =
      setter === undefined ? startedWith(started, name) : variablesOf(setter.settings)[name];
    if (next === (isHook ? environment : noted)?.[name]) return [];
    const file = setter?.file ?? files[0]?.file ?? '';
    const message =
      setter === undefined
        ? `no settings file sets ${name} any more, which the hooks go by`
        : `${file} sets ${name} to another value than before, which the hooks go by`;
    return [{ code: 'ENVIRONMENT_REDIRECTED' as const, file, message }];
  });
}

/** What the settings files of a session set of the deciding variables. */
export function readVariables(session: JudgedSession): Readonly<Record<string, string>> {
  const files = settingsFilesOf(session);
  return Object.fromEntries(
    DECIDING_VARIABLES.flatMap((name) => {
      const values = files.map(({ settings }) => variablesOf(settings)[name]);
      const value = values.findLast((each) => typeof each === 'string');
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

function variablesOf(settings: SettingsFile['settings']): Readonly<Record<string, unknown>> {
  return (settings?.env as Readonly<Record<string, unknown>> | undefined) ?? {};
}

function startedWith(environ: string, name: string): string | undefined {
  const found = environ.split('\0').find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function holdsGates({ text, settings }: SettingsFile): boolean {
  if (text === null || settings === null) return false;
  const events = ourEntries(text).map(({ event }) => event);
  return GATE_EVENTS.every((event) => events.includes(event));
}

function readSettings(file: string): SettingsFile {
  let text: string | null;
  try {
    text = readBytes(file)?.toString('utf8') ?? null;
  } catch {
    return { file, text: '', settings: null, skipped: 'it cannot be read' };
  }
  return parsed(file, text);
}

function parsed(file: string, text: string | null): SettingsFile {
  if (text === null) return { file, text, settings: null, skipped: null };
  if (text.trim() === '') return { file, text, settings: {}, skipped: null };
  try {
    const settings = JSON.parse(text.replace('\uFEFF', '')) as Record<string, unknown>;
    const wrong = invalidValueIn(settings);
    if (wrong === null) return { file, text, settings, skipped: null };
    return { file, text, settings: null, skipped: `${wrong} has a value it does not take` };
  } catch {
    return { file, text, settings: null, skipped: 'no strict JSON' };
  }
}

/** The settings that the client was given by `--settings`: a file, or the text itself. */
function flagSettings(environment: NodeJS.ProcessEnv): SettingsFile[] {
  const words = clientWords(environment) ?? [];
  return words.flatMap((word, at) => {
    const given = word === '--settings' ? words[at + 1] : /^--settings=(.*)$/s.exec(word)?.[1];
    if (given === undefined) return [];
    return [given.trimStart().startsWith('{') ? parsed('--settings', given) : readSettings(given)];
  });
}

/** Whether nobody can tell what the client was started with. */
const isFlagUnknown = (environment: NodeJS.ProcessEnv): boolean =>
  clientWords(environment) === null;

function clientWords(environment: NodeJS.ProcessEnv): readonly string[] | null {
  const words = commandLineOf(Number(environment.CLAUDE_PID));
  return words === 'unknown' ? null : words;
}
