// SubagentStop: a subagent is done. Lets go of what was held for it.
import { runHook } from '../src/hooks/loader.ts';

runHook('SubagentStop');
