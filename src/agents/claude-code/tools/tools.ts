// Claude Code's tools, as far as spending and protection depend on them.
import type { AgentTools } from '../../agent.ts';
import { readStartedBy } from '../paths.ts';
import { effectOf } from './effects.ts';
import { modelRank, spawnDetails, withModel } from './models.ts';
import { originOf } from './origin.ts';
import { forgesPrompt } from './prompting.ts';
import { subagentsOf, USUAL_AGENT_TYPE } from './subagents.ts';
import { unguards } from './unguarding.ts';

export const claudeCodeTools: AgentTools = {
  subagentsOf,
  usualAgentType: USUAL_AGENT_TYPE,
  effectOf,
  forgesPrompt,
  unguards,
  originOf,
  spawnDetails,
  withModel,
  modelRank,
  readStartedBy,
  settingsFolder: '.claude',
};
