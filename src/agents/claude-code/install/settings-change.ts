// Answers a change of Claude Code's settings: a change that would end our hooks, or point them elsewhere, is refused.
// Rule: every file is judged at every change; the client takes in refused changes with the next one that is allowed.
import type { Reply } from '../../agent.ts';
import { parseConfigChange, refuseConfigChange } from '../events/config-change.ts';
import { readInstallation } from './installation-record.ts';
import { type InstallationFault, judgeInstallation } from './judge-installation.ts';

/** Where a session and what is known of it are. */
export interface WatchedSession {
  readonly environment: NodeJS.ProcessEnv;
  readonly stateHome: string;
  /** The plugin this program is part of; `null`: none. */
  readonly plugin: string | null;
  /** The root of the project that a folder is in. */
  readonly findProjectRoot: (folder: string) => string;
}

const ALLOWED: Reply = { stdout: '', stderr: '', exitCode: 0 };

/** The answer to the event. Throws where the files cannot be looked at; the caller then refuses. */
export function answerSettingsChange(text: string, watched: WatchedSession): Reply {
  const faults = installationFaults(parseConfigChange(text).cwd, watched);
  return faults.length === 0 ? ALLOWED : refuseConfigChange(refusal(faults));
}

/** What is wrong with the installation, as the settings of a session in a folder have it. */
export function installationFaults(
  folder: string,
  { environment, stateHome, plugin, findProjectRoot }: WatchedSession,
): readonly InstallationFault[] {
  const projectRoot = environment.CLAUDE_PROJECT_DIR || findProjectRoot(folder);
  return judgeInstallation({ projectRoot, environment, plugin }, readInstallation(stateHome));
}

function refusal(faults: readonly InstallationFault[]): string {
  const what = faults.map(({ message }) => message).join('; ');
  return (
    `Tollgate refused a change of the settings, and this session goes on guarded: ${what}. ` +
    'A person can put it back with tollgate init --repair, or take Tollgate out with tollgate uninstall; a session that starts before that is not guarded.'
  );
}
