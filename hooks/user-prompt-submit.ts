// UserPromptSubmit: a prompt was given, by a person or a finished background task. May block it.
import { runHook } from '../src/hooks/loader.ts';

runHook('UserPromptSubmit');
