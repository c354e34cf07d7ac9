import { expect, test } from 'vitest';
import { foreignHostOf } from '../../../../../src/agents/claude-code/events/foreign-host.ts';

// Cursor's payload: herdrdev/herdr#2832, captured 2026-08-17.
const cursor = {
  conversation_id: 'c1',
  generation_id: 'g1',
  session_id: 's1',
  hook_event_name: 'sessionStart',
  cursor_version: '2026.08.11',
  workspace_roots: ['/repo'],
  transcript_path: null,
};

test.each([
  ['Cursor', cursor],
  ['Cursor', { session_id: 's1', hook_event_name: 'PreToolUse', conversation_id: 'c1' }],
  [
    'VS Code or Copilot',
    { session_id: 's1', hook_event_name: 'PreToolUse', timestamp: '2026-11-28T07:00:00Z' },
  ],
  ['VS Code or Copilot', { sessionId: 's1', toolName: 'bash', cwd: '/repo' }],
  ['another program', { session_id: 's1', hook_event_name: 'preToolUse' }],
] as const)('%s', (host, raw) => expect(foreignHostOf(raw)).toBe(host));

test.each([
  {
    session_id: 's1',
    hook_event_name: 'PreToolUse',
    transcript_path: '/h/.claude/projects/-r/s1.jsonl',
  },
  { session_id: 's1', hook_event_name: 'SessionStart', cwd: '/repo', source: 'startup' },
  { session_id: 's1', hook_event_name: 'SomethingNew' },
  { hook_event_name: 'PreToolUse', tool_input: { timestamp: 1, sessionId: 'x' } },
  {},
])('%j is not known to be foreign', (raw) => expect(foreignHostOf(raw)).toBeNull());
