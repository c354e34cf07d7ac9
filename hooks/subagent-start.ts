// SubagentStart: a subagent begins. Cannot stop it; its spawning tool could be.
import { runHook } from '../src/hooks/loader.ts';

runHook('SubagentStart');
