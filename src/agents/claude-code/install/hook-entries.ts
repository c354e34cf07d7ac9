// The hook entries Tollgate puts into a settings file, and how it knows them again. Rule: only values that the
// installed client is known to understand; our own entries bear a mark, so nobody else's is ever taken for ours.

import { join } from 'node:path';
import type { CommandEntry, HookCommand } from './hook-entry.ts';
import {
  CONFIG_CHANGE_SINCE,
  EXEC_FORM_SINCE,
  type HostVersion,
  isAtLeast,
  MODEL_SWITCH_SINCE,
  ON_FAILURE_HARMLESS_SINCE,
  POST_TOOL_BATCH_SINCE,
} from './host-version.ts';
import { LAUNCHER_NAME } from './launcher-name.ts';
import { isResidentHook } from './resident-entries.ts';

/** One event and the file that answers it. */
export interface HookFile {
  /** As the client spells it: `PreToolUse`. */
  readonly event: string;
  /** Absolute path of `dist/hooks/pre-tool-use.cjs`, or the project's launcher. */
  readonly hookFile: string;
  /** What the launcher is to run, `pre-tool-use`; absent where the file is the hook itself. */
  readonly hookName?: string;
}

/** What the entries depend on. */
export interface EntryFacts {
  readonly hookFiles: readonly HookFile[];
  /** The node that runs the hooks: an absolute path, or `node` on PATH. */
  readonly nodePath: string;
  /** `process.versions.node` of that node. */
  readonly nodeVersion: string;
  /** `null`: not known, so only what every client of this year knows is written. */
  readonly hostVersion: HostVersion | null;
  /** Absolute path of `env`, or `null` where there is none. */
  readonly envPath: string | null;
  /** Whether NODE_EXTRA_CA_CERTS is set where the client runs. */
  readonly extraCaCerts: boolean;
}

/** Last argument of every hook of ours. The hooks do not read it; it is how install knows them again. */
export const MARK = '--tollgate';

/** Well above what a hook needs, so that a slow disk is no failure; far below the client's own ten minutes. */
const TIMEOUT_SECONDS = 10;

/** First Node that reads NODE_EXTRA_CA_CERTS only when TLS is used; before, it doubles a hook's time. */
const LAZY_CA_SINCE_NODE = 22;

/** Every event Tollgate answers, and the file that does. */
const FILE_OF_EVENT = {
  SessionStart: 'session-start.cjs',
  UserPromptSubmit: 'user-prompt-submit.cjs',
  PreToolUse: 'pre-tool-use.cjs',
  PostToolBatch: 'post-tool-batch.cjs',
  PostToolUse: 'post-tool-use.cjs',
  Stop: 'stop.cjs',
  SubagentStart: 'subagent-start.cjs',
  SubagentStop: 'subagent-stop.cjs',
  SessionEnd: 'session-end.cjs',
  PreCompact: 'pre-compact.cjs',
  ConfigChange: 'config-change.cjs',
  PreModelSwitch: 'pre-model-switch.cjs',
} as const;

/** The hook files of a build; `folder` is the absolute path of its `dist/hooks`. */
export function hookFilesIn(folder: string): readonly HookFile[] {
  return Object.entries(FILE_OF_EVENT).map(([event, name]) => {
    return { event, hookFile: join(folder, name) };
  });
}

/** The project's launcher as the client names it; it substitutes the folder, a shell does so, too. */
const LAUNCHER = `\${CLAUDE_PROJECT_DIR}/.claude/${LAUNCHER_NAME}`;

/** The same hooks through the project's launcher: nothing in them belongs to one machine. */
export function portableHookFiles(): readonly HookFile[] {
  return Object.entries(FILE_OF_EVENT).map(([event, name]) => {
    return { event, hookFile: LAUNCHER, hookName: name.slice(0, -'.cjs'.length) };
  });
}

const MATCHED = new Set(['PreToolUse', 'PostToolUse']);
/** Events on which the client ignores `onFailure`. */
const NEVER_BLOCKS = new Set([
  ...['SessionStart', 'Stop', 'SubagentStop', 'SessionEnd', 'PreModelSwitch'],
]);

/**
 * The entries, in the order of the hook files. PostToolBatch for clients known to have it, PostToolUse for all others:
 * the two are the same gate. ConfigChange and PreModelSwitch only for clients known to have them.
 */
export function hookEntries(facts: EntryFacts): readonly CommandEntry[] {
  const hasBatch = isAtLeast(facts.hostVersion, POST_TOOL_BATCH_SINCE);
  const left = new Set([hasBatch ? 'PostToolUse' : 'PostToolBatch']);
  if (!isAtLeast(facts.hostVersion, CONFIG_CHANGE_SINCE)) left.add('ConfigChange');
  if (!isAtLeast(facts.hostVersion, MODEL_SWITCH_SINCE)) left.add('PreModelSwitch');
  return facts.hookFiles
    .filter(({ event }) => !left.has(event))
    .map((file) => {
      const { event } = file;
      const hooks = [hookCommand(file, facts)] as const;
      return { event, group: MATCHED.has(event) ? { matcher: '*', hooks } : { hooks } };
    });
}

function hookCommand(file: HookFile, facts: EntryFacts): HookCommand {
  const { event, hookFile, hookName } = file;
  const { nodePath, hostVersion } = facts;
  const words = hookName === undefined ? [hookFile] : [hookFile, hookName];
  const line = [...withoutCaCerts(facts), nodePath, ...words, MARK];
  const [command = nodePath, ...args] = line;
  // Most clients that nobody knows take it, and one that is upgraded heeds it from then on.
  const takesIt = hostVersion === null || isAtLeast(hostVersion, ON_FAILURE_HARMLESS_SINCE);
  const blocks = takesIt && !NEVER_BLOCKS.has(event);
  const rest = { timeout: TIMEOUT_SECONDS, ...(blocks ? { onFailure: 'block' as const } : {}) };
  // A client that does not know `args` would run node with nothing but the event on its standard input.
  const shell = hostVersion !== null && !isAtLeast(hostVersion, EXEC_FORM_SINCE);
  if (shell) return { type: 'command', command: line.map(shellWord).join(' '), ...rest };
  return { type: 'command', command, args, ...rest };
}

/**
 * Node before 22 reads NODE_EXTRA_CA_CERTS at every start, which takes longer than the hook itself; `env -u` costs half
 * a millisecond. Only where the variable is set at install time, so that all others get the plain form.
 */
function withoutCaCerts({ envPath, nodeVersion, extraCaCerts }: EntryFacts): string[] {
  const eager = Number.parseInt(nodeVersion, 10) < LAZY_CA_SINCE_NODE;
  return envPath !== null && extraCaCerts && eager ? [envPath, '-u', 'NODE_EXTRA_CA_CERTS'] : [];
}

function shellWord(word: string): string {
  if (word === LAUNCHER) return `"${word}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const HOOK_FILE = /[\\/]dist[\\/]hooks[\\/][a-z-]+\.cjs$|[\\/]tollgate-hook\.cjs$/;
const SHELL_HOOK =
  /[\\/]dist[\\/]hooks[\\/][a-z-]+\.cjs'?(\s+--tollgate)?\s*$|[\\/]tollgate-hook\.cjs" [a-z-]+ --tollgate\s*$/;

/**
 * Whether a value from a settings file is a hook of ours: it calls the resident gate, or runs
 * `…/dist/hooks/<name>.cjs` or the project's launcher, and bears the mark or lies in a folder called tollgate.
 */
export function isOurHook(value: unknown): boolean {
  if (isResidentHook(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { type, command, args } = value as { type?: unknown; command?: unknown; args?: unknown };
  if (type !== 'command' || typeof command !== 'string') return false;
  if (!Array.isArray(args)) return SHELL_HOOK.test(command) && /tollgate/i.test(command);
  const hookFile = args.find((arg) => typeof arg === 'string' && HOOK_FILE.test(arg));
  if (hookFile === undefined) return false;
  return args.includes(MARK) || /[\\/][^\\/]*tollgate[^\\/]*[\\/]/i.test(hookFile);
}
