// SubagentStop: a subagent is done. Lets go of what was held for it.
import { runHook } from '../src/hook.ts';

runHook('SubagentStop');
