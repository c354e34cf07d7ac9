// What tool calls are held against, and why one is refused.
import type { AgentTools } from '../agents/agent.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** What a tool call is held against. */
export interface Guard {
  /** Files and folders (with all that is in them), absolute; `*` and `?` match. Most calls never ask. */
  readonly files: () => readonly string[];
  readonly cwd: string;
  /** Of the shell that would run a command. */
  readonly variables: Variables;
  readonly tools: AgentTools;
}

/** Why a tool call is refused. */
export interface Refusal {
  /** The protected file, or the command that only people may give. */
  readonly path: string;
  /** The command that does what was meant without our files; `null` where there is none. */
  readonly instead: string | null;
}
