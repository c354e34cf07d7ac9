// Which Claude Code is installed, and what that version understands. Rule: what is not known to be understood is not
// written, because one value a client does not know can void its whole settings file.
import { execFileSync } from 'node:child_process';

/** Version of the client: `[2, 1, 330]`. */
export type HostVersion = readonly [major: number, minor: number, patch: number];

/** Reads `2.1.330 (Claude Code)`; `null` for anything without three numbers. */
export function parseHostVersion(text: string): HostVersion | null {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : null;
}

/** Whether `version` is at least `least`; a version nobody knows is not. */
export function isAtLeast(version: HostVersion | null, least: HostVersion): boolean {
  if (version === null) return false;
  for (const [index, part] of least.entries()) {
    const own = version[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

/** `onFailure: "block"` in a hook entry; its change log of 2026-10-08, read 2026-11-21. */
export const ON_FAILURE_SINCE: HostVersion = [2, 1, 295];
/** Clients from here on run hooks with `onFailure`, though they may not heed it; tried with 2.1.145 and 2.1.200 on 2026-11-29. */
export const ON_FAILURE_HARMLESS_SINCE: HostVersion = [2, 1, 145];
/** The version it was seen in; older ones may have it, too. */
export const MODEL_SWITCH_SINCE: HostVersion = [2, 1, 330];

/** Hook entries with `args`, started without a shell; its change log, read 2026-11-21. */
export const EXEC_FORM_SINCE: HostVersion = [2, 1, 139];

/**
 * The event PostToolBatch. Reports name versions from 2.1.119 to 2.1.145 (anthropics/claude-code, sushichan044/cc-hooks-ts
 * #251, Untrivial-ai/agent-orchestrator #2113; read 2026-11-21), so the last of them counts. Clients before 2.1.101
 * refuse a whole settings file for one event they do not know.
 */
export const POST_TOOL_BATCH_SINCE: HostVersion = [2, 1, 145];

/** The event ConfigChange; change log of 2026-02-20, by shanraisshan/claude-code-hooks, read 2026-11-28. */
export const CONFIG_CHANGE_SINCE: HostVersion = [2, 1, 49];

/** Hundreds of megabytes, which the first start after a boot has to read from disk. */
const ANSWER_WITHIN_MS = 20_000;

/**
 * Asks the client for its version: the one at `path`, else `TOLLGATE_CLAUDE`, else `claude` on PATH.
 * `null` when there is none, when it does not answer in time, or when its answer is no version.
 */
export function readHostVersion(
  path?: string,
  environment: NodeJS.ProcessEnv = process.env,
): HostVersion | null {
  try {
    const answer = execFileSync(path ?? (environment.TOLLGATE_CLAUDE || 'claude'), ['--version'], {
      encoding: 'utf8',
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: ANSWER_WITHIN_MS,
      windowsHide: true,
    });
    return parseHostVersion(answer);
  } catch {
    return null; // not installed, not runnable, or too slow: then only what every client knows is written
  }
}

/** What of the client the hooks rely on, and what is lost without it. */
const FEATURES: readonly (readonly [name: string, since: HostVersion])[] = [
  ['hooks without a shell', EXEC_FORM_SINCE],
  ['PostToolBatch, the gate before the next request', POST_TOOL_BATCH_SINCE],
  ['ConfigChange, which keeps hooks when settings change', CONFIG_CHANGE_SINCE],
  ['onFailure, which blocks when a hook fails', ON_FAILURE_SINCE],
  ['PreModelSwitch, which tells what another model costs', MODEL_SWITCH_SINCE],
];

/** The version of the client that is installed, and which features it has. */
export function readHostFacts(environment: NodeJS.ProcessEnv) {
  const version = readHostVersion(undefined, environment);
  return {
    version: version?.join('.') ?? null,
    features: FEATURES.map(([name, since]) => {
      return { name, since: since.join('.'), has: isAtLeast(version, since) };
    }),
  };
}
