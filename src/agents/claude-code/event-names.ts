// The names that Claude Code gives its hook events. Loaded before the gate: nothing else belongs here.
import type { Moment } from '../agent.ts';

/** The moment of each event that the gate answers. */
export const MOMENTS: Readonly<Record<string, Moment>> = {
  SessionStart: 'session-start',
  UserPromptSubmit: 'prompt',
  PreToolUse: 'before-tool',
  PostToolUse: 'after-tool',
  PostToolBatch: 'after-tools',
  PreCompact: 'before-compaction',
  SubagentStart: 'subagent-start',
  SubagentStop: 'subagent-end',
  Stop: 'turn-end',
  SessionEnd: 'session-end',
};

/** A settings file has changed. */
export const SETTINGS_CHANGE = 'ConfigChange';
/** A person is about to change the session's model. */
export const MODEL_SWITCH = 'PreModelSwitch';
