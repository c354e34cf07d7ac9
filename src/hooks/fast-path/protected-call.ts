// Whether a tool call aims at what only people may change, for whoever looks before the gate does. Rule: the gate's own look
// at it, with the same files.
import type { ToolCall } from '../../agents/agent.ts';
import { protectedPath } from '../../protection/protected-paths.ts';
import { agent, protectedFiles } from '../../wire.ts';

export function aimsAtProtected(tool: ToolCall, cwd: string, env: NodeJS.ProcessEnv): boolean {
  const files = () => protectedFiles(cwd, env);
  return protectedPath(tool, { files, cwd, variables: env, tools: agent.tools }) !== null;
}
