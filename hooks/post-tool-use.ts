// PostToolUse: one tool has run (clients without PostToolBatch). May halt the agent.
import { runHook } from '../src/hooks/run-hook.ts';

runHook('PostToolUse');
