// PreCompact: the context is about to be summarised by a request. May block it.
import { runHook } from '../src/hooks/loader.ts';

runHook('PreCompact');
