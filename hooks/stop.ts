// Stop: the turn is over. Says one line; never blocks, since that would buy another request.
import { runHook } from '../src/hooks/loader.ts';

runHook('Stop');
