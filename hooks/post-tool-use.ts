// PostToolUse: one tool has run (clients without PostToolBatch). May halt the agent.
import { runHook } from '../src/hooks/loader.ts';

runHook('PostToolUse');
