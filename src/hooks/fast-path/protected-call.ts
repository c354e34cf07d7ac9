// Whether a tool call aims at what only people may change, for whoever looks before the gate does. Rule: the gate's own look
// at it, with the same files.
import { guardedPath } from '../../protection/protected-paths.ts';
import type { ToolCall } from '../../protection/read-only-tools.ts';
import { guardedFiles } from '../../wire.ts';

export function aimsAtGuarded(tool: ToolCall, cwd: string, env: NodeJS.ProcessEnv): boolean {
  const files = () => guardedFiles(cwd, env);
  return guardedPath(tool, { files, cwd, variables: env }) !== null;
}
