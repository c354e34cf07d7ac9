// Runs installed hook entries as Claude Code would, with sample events and a state folder of their own. Rule: no ledger,
// configuration or transcript of the person is read or written.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HookCommand, HookEntry } from './hook-entry.ts';
import { recordInstallPath } from './project-launcher.ts';
import { GATE_MODES } from './resident-names.ts';

/** Where hooks are run, and with what. */
export interface RehearsalPlace {
  readonly projectRoot: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The package whose hooks should run. */
  readonly packageFolder: string;
  /** Makes a state folder ready, so that the hooks need not make a ledger each. */
  readonly prepare: (stateHome: string) => void;
}

/** What is rehearsed, and with what. */
export interface Rehearsal extends RehearsalPlace {
  readonly entries: readonly HookEntry[];
}

/** A hook that did not answer as it should. */
export interface FailedHook {
  readonly event: string;
  /** The first line of what it said, or how it ended. */
  readonly message: string;
}

/** How a hook ended. */
export interface HookRun {
  /** `null`: a signal ended it, or it could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code; `null` where there is one. */
  readonly failure: string | null;
  readonly ms: number;
}

/** A session of its own to run hooks in. */
export interface RehearsalSession {
  readonly folder: string;
  readonly transcriptPath: string;
  readonly run: (event: string, hook: HookCommand) => Promise<HookRun>;
  readonly remove: () => void;
}

/** What of a person's environment a rehearsal hands on. */
const KEPT = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'TOLLGATE_INSTALL'];
const SESSION = 'rehearsal';
const TIMEOUT_MS = 30_000;
const PLACEHOLDER = `\${CLAUDE_PROJECT_DIR}`;

/** Makes a session with an empty transcript; call `remove` when done. */
export function openRehearsal(place: RehearsalPlace): RehearsalSession {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-rehearsal-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const state = join(folder, 'state');
    recordInstallPath(state, place.packageFolder);
    place.prepare(state);
    mkdirSync(join(folder, 'projects'));
    const transcriptPath = join(folder, 'projects', `${SESSION}.jsonl`);
    writeFileSync(transcriptPath, '');
    return {
      folder,
      transcriptPath,
      run: (event, hook) => runHook(hook, sampleEvent(event, folder), place, folder),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Rehearses every entry that is a process; the hooks that failed, in the order of the entries. */
export async function rehearse(rehearsal: Rehearsal): Promise<readonly FailedHook[]> {
  const session = openRehearsal(rehearsal);
  try {
    const failed: FailedHook[] = [];
    for (const { event, group } of rehearsal.entries) {
      const [hook] = group.hooks;
      if (hook.type !== 'command') continue;
      const message = failureOf(await session.run(event, hook));
      if (message !== null) failed.push({ event, message });
    }
    return failed;
  } finally {
    session.remove();
  }
}

/** Why a hook failed; `null` when it let the sample event through. */
function failureOf({ exitCode, stderr, failure }: HookRun): string | null {
  if (exitCode === 0) return null;
  return failure ?? firstError(stderr) ?? `it ended with exit code ${exitCode}`;
}

const isGateMode = (word: string): boolean => GATE_MODES.some((mode) => mode === word);

function runHook(
  hook: HookCommand,
  event: Readonly<Record<string, unknown>>,
  { projectRoot, environment }: RehearsalPlace,
  folder: string,
): Promise<HookRun> {
  const filled = (word: string) => word.replaceAll(PLACEHOLDER, projectRoot);
  const kept = KEPT.flatMap((name) => (environment[name] ? [[name, environment[name]]] : []));
  const startedAt = performance.now();
  // Which gate answers is the matter of a session: without its server this hook would edit settings.
  const args = (hook.args ?? []).filter((word) => !isGateMode(word)).map(filled);
  const child = spawn(filled(hook.command), args, {
    cwd: folder,
    env: {
      ...Object.fromEntries(kept),
      // The shell form asks for the folder by its variable.
      CLAUDE_PROJECT_DIR: hook.args === undefined ? projectRoot : folder,
      TOLLGATE_HOME: join(folder, 'state'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      CLAUDE_CONFIG_DIR: join(folder, 'claude'),
    },
    shell: hook.args === undefined,
    windowsHide: true,
  });
  // A limit given to `spawn` outlives a program that could not be started.
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  child.stdin.on('error', () => undefined); // it may end before it has read
  child.stdin.end(JSON.stringify(event));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  return new Promise<HookRun>((resolve) => {
    const end = (exitCode: number | null, failure: string | null) =>
      resolve({ exitCode, ...said, failure, ms: performance.now() - startedAt });
    child.once('error', (error: NodeJS.ErrnoException) =>
      end(null, `${hook.command} cannot be started (${error.code ?? error.message})`),
    );
    child.once('close', (code, signal) =>
      end(code, code === null ? `it ended with ${signal}` : null),
    );
  }).finally(() => clearTimeout(timer));
}

/** Node prints where an error was thrown before it says which. */
function firstError(said: string): string | null {
  const lines = said.split('\n').map((line) => line.trim());
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.find(Boolean) ?? null;
}

function sampleEvent(event: string, folder: string): Readonly<Record<string, unknown>> {
  const call = {
    tool_name: 'Read',
    tool_use_id: 'rehearsal',
    tool_input: { file_path: 'README.md' },
  };
  return {
    hook_event_name: event,
    session_id: SESSION,
    transcript_path: join(folder, 'projects', `${SESSION}.jsonl`),
    cwd: folder,
    ...(event === 'UserPromptSubmit' ? { prompt: 'rehearsal' } : {}),
    ...(/^(Pre|Post)ToolUse$/.test(event) ? call : {}),
    ...(event === 'PostToolBatch' ? { tool_calls: [call] } : {}),
    ...(event === 'ConfigChange' ? { source: 'project_settings' } : {}),
    ...(event === 'SessionStart' ? { source: 'startup' } : {}),
  };
}
