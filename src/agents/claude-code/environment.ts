// What Claude Code tells its hooks and servers in environment variables.
import { type SessionId, sessionId } from '../../domain/ids.ts';

/** The folder that a session belongs to; a command that goes elsewhere leaves it nobody's. */
export const projectFolderOf = (env: NodeJS.ProcessEnv, cwd: string): string =>
  env.CLAUDE_PROJECT_DIR || cwd;

/** The client's process, as it says itself; `null` where it does not. */
export function hostPidOf(env: NodeJS.ProcessEnv): number | null {
  const pid = Number(env.CLAUDE_PID);
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

/** The same environment with the client's process; what it says itself goes first. */
export const withHostPid = (env: NodeJS.ProcessEnv, pid: number): NodeJS.ProcessEnv => ({
  ...env,
  CLAUDE_PID: env.CLAUDE_PID ?? String(pid),
});

/** Variables that the client sets for everything its agent starts. Source: client 2.1.330, seen 2026-11-21. */
const AGENT_VARIABLES = ['CLAUDECODE', 'CLAUDE_CODE_SESSION_ID', 'CLAUDE_CODE_CHILD_SESSION'];

/** Whether a program was started by an agent, as far as its environment tells. */
export const isAgentEnvironment = (env: NodeJS.ProcessEnv): boolean =>
  AGENT_VARIABLES.some((name) => env[name]);

/** Names the client's folders. */
export const FOLDERS_VARIABLE = 'CLAUDE_CONFIG_DIR';

/** The session that a server was started for; `null` where the client does not say. */
export const sessionIn = (env: NodeJS.ProcessEnv): SessionId | null =>
  env.CLAUDE_CODE_SESSION_ID ? sessionId(env.CLAUDE_CODE_SESSION_ID) : null;
