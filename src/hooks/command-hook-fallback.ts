// Puts command hooks in the place of a resident gate that is not there, and the resident gate back once it is. Runs
// with a prompt, before the turn's first request. Rule: a person is told; the turn begins guarded, or does not begin.

import { statSync } from 'node:fs';
import { hostPidOf, projectFolderOf } from '../agents/claude-code/environment.ts';
import { isInGateMode, setGateMode } from '../agents/claude-code/install/gate-mode.ts';
import { type InstallScope, settingsPathOf } from '../agents/claude-code/install/install.ts';
import { pluginHooksFile } from '../agents/claude-code/install/plugin-files.ts';
import type { GateMode } from '../agents/claude-code/install/resident-names.ts';
import { findProjectRoot, stateHome } from '../config/paths.ts';
import { MINUTE_MS } from '../domain/time.ts';
import { hasHeartbeat } from './heartbeat.ts';

/** The client starts its servers while it starts itself; on a machine under load that takes a second. */
const SERVER_WAIT_MS = 3_000;
const POLL_MS = 25;
/** Within so long a running client works by changed settings. Source: client 2.1.330, seen 2026-11-22. */
const SETTINGS_LIVE_MS = 1_500;
/** A stand-in stays so long: of two clients in one folder one may have its server and the other not. */
const STAND_IN_MS = 10 * MINUTE_MS;

const SCOPES: readonly InstallScope[] = ['local', 'project', 'user'];

/** What a person is told: beside the answer to the prompt, or in place of the turn. */
export interface GateRemark {
  readonly text: string;
  /** Claude Code would call a gate that is not there, so the prompt has to be refused. */
  readonly refusesPrompt: boolean;
}

const STANDING_IN =
  'Tollgate: the resident gate is not running (Claude Code did not start its server: /mcp shows why), so command hooks stand in for it.';
/** Claude Code reads a plugin's hooks when it starts. Source: client 2.1.330, seen 2026-11-28. */
const RELOAD_FIRST =
  'Tollgate: Claude Code did not start the server of the Tollgate plugin (/mcp shows why), so nothing would answer for its tools, and this prompt was not sent. ' +
  'The plugin uses command hooks from its next start: type /reload-plugins, or start Claude Code again, and give the prompt again.';

/**
 * What a person is to be told; `null`: nothing. `mode` is what the prompt's own entry says of the file it stands in:
 * a settings file, or that of the plugin in `plugin`.
 */
export function ensureGate(
  mode: GateMode,
  env: NodeJS.ProcessEnv,
  folder: string,
  plugin: string | null,
): GateRemark | null {
  const home = stateHome(env);
  const hostPid = hostPidOf(env);
  const isRunning = () => hasHeartbeat(home, hostPid, plugin !== null);
  const places = () => filesInMode(mode, env, folder, plugin);
  if (mode === '--stand-in') {
    if (!isRunning()) return null;
    for (const settingsPath of places()) {
      if (Date.now() - statSync(settingsPath).mtimeMs < STAND_IN_MS) continue;
      setGateMode({ settingsPath, stateHome: home }, '--resident');
    }
    return null;
  }
  for (const until = Date.now() + SERVER_WAIT_MS; Date.now() < until; sleep(POLL_MS)) {
    if (isRunning()) return null;
  }
  const outcomes = places().map((settingsPath) =>
    setGateMode({ settingsPath, stateHome: home }, '--stand-in'),
  );
  const refused = outcomes.find(({ kind }) => kind === 'failed');
  if (refused?.kind === 'failed') {
    const { path, message } = refused.problem;
    const text = `Tollgate: the resident gate is not running, and command hooks cannot stand in for it: ${path}: ${message} Until one of the two is mended every tool call is blocked.`;
    return { text, refusesPrompt: plugin !== null };
  }
  if (plugin !== null) return { text: RELOAD_FIRST, refusesPrompt: true };
  sleep(SETTINGS_LIVE_MS);
  return { text: STANDING_IN, refusesPrompt: false };
}

/** The files with our hooks in this mode that apply to a session in a folder. */
function filesInMode(
  mode: GateMode,
  env: NodeJS.ProcessEnv,
  folder: string,
  plugin: string | null,
): readonly string[] {
  const root = findProjectRoot(projectFolderOf(env, folder));
  const files =
    plugin === null
      ? SCOPES.map((scope) => settingsPathOf(scope, root, env))
      : [pluginHooksFile(plugin)];
  return files.filter((path) => isInGateMode(path, mode));
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
