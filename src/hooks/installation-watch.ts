// What a hook asks about the installation: apart from the gate, because it is seldom asked.
import type { Reply } from '../agents/agent.ts';
import {
  answerSettingsChange,
  installationFaults,
  type WatchedSession,
} from '../agents/claude-code/install/settings-change.ts';
import { findProjectRoot, stateHome } from '../config/paths.ts';
import { pluginRoot } from '../runtime/plugin-root.ts';

/** The answer to a change of settings. Throws where they cannot be looked at. */
export const answerConfigChange = (text: string, env: NodeJS.ProcessEnv): Reply =>
  answerSettingsChange(text, watched(env));

/** What is wrong with the settings of sessions in a folder, in words. */
export const installationProblems = (folder: string, env: NodeJS.ProcessEnv): readonly string[] =>
  installationFaults(folder, watched(env)).map(({ message }) => message);

const watched = (env: NodeJS.ProcessEnv): WatchedSession => ({
  environment: env,
  stateHome: stateHome(env),
  plugin: pluginRoot(),
  findProjectRoot,
});
