// What a hook asks about the installation: apart from the gate, because it is seldom asked.
import type { Reply } from '../agents/agent.ts';
import {
  answerSettingsChange,
  type WatchedSession,
} from '../agents/claude-code/install/settings-change.ts';
import { findProjectRoot, stateHome } from '../config/paths.ts';
import { pluginRoot } from '../runtime/plugin-root.ts';

/** The answer to a change of settings. Throws where they cannot be looked at. */
export const answerConfigChange = (text: string, env: NodeJS.ProcessEnv): Reply =>
  answerSettingsChange(text, watched(env));

const watched = (env: NodeJS.ProcessEnv): WatchedSession => ({
  environment: env,
  stateHome: stateHome(env),
  plugin: pluginRoot(),
  findProjectRoot,
});
