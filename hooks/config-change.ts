// ConfigChange: a settings file has changed, before Claude Code goes by it. May block the change.
import { runHook } from '../src/hooks/loader.ts';

runHook('ConfigChange');
