// Where a tool or a subagent comes from, by its name.
import { expect, test } from 'vitest';
import { originOf } from '../../../../../src/agents/claude-code/tools/origin.ts';

test.each([
  ['Bash', null, null, null],
  ['mcp__github__search', null, 'github', null],
  ['mcp__plugin_tools_db__run_query', null, 'plugin_tools_db', 'tools'],
  [null, 'tools:reviewer', null, 'tools'],
  ['Read', 'general-purpose', null, null],
])('%s asked by %s', (tool, agentType, mcpServer, plugin) => {
  expect(originOf(tool, agentType)).toEqual({ mcpServer, plugin });
});
