// PostToolBatch: all tools of a message have run, before the next request. May halt the agent.
import { runHook } from '../src/hooks/loader.ts';

runHook('PostToolBatch');
