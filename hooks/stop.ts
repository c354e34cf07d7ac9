// Stop: the turn is over. Says one line; never blocks, since that would buy another request.
import { runHook } from '../src/hook.ts';

runHook('Stop');
