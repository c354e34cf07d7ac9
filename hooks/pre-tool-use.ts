// PreToolUse: the model asked for a tool, before it runs. May refuse the tool and halt the agent.
import { runHook } from '../src/hooks/loader.ts';

runHook('PreToolUse');
