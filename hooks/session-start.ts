// SessionStart: a session begins, is resumed, forked or cleared. May add context; cannot stop anything.
import { runHook } from '../src/hooks/loader.ts';

runHook('SessionStart');
