// Where a tool or a subagent comes from, by the name Claude Code gives it: `mcp__github__search`, `mcp__plugin_tools_db__query`,
// `tools:reviewer`. Source: client 2.1.330, read 2026-11-21.

/** See `AgentTools.originOf`. */
export function originOf(
  tool: string | null,
  agentType: string | null,
): { mcpServer: string | null; plugin: string | null } {
  // Most have no server and no plugin, and a pattern that is not looked for need not be compiled.
  const server = tool?.startsWith('mcp__') ? /^mcp__(.+?)__/.exec(tool)?.[1] : undefined;
  const fromServer = server?.startsWith('plugin_')
    ? /^plugin_([^_]+)_/.exec(server)?.[1]
    : undefined;
  const fromAgent = agentType?.includes(':') ? /^([^:]+):./.exec(agentType)?.[1] : undefined;
  return { mcpServer: server ?? null, plugin: fromServer ?? fromAgent ?? null };
}
