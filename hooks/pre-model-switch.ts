// PreModelSwitch: a person is about to change the session's model. Asks them, with what it costs.
import { runHook } from '../src/hooks/loader.ts';

runHook('PreModelSwitch');
