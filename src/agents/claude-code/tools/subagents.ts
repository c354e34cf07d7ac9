// Which of Claude Code's tools start subagents, how many, and of which kind. Source: client 2.1.330, read 2026-11-21.
import type { ToolCall } from '../../agent.ts';

const SPAWNING_TOOLS: ReadonlySet<string> = new Set(['Agent', 'Task', 'Workflow', 'SendMessage']);
/** What Claude Code starts when nobody names a kind. */
export const USUAL_AGENT_TYPE = 'general-purpose';
const WORKFLOW_AGENT_TYPE = 'workflow-subagent';

/** See `AgentTools.subagentsOf`. */
export function subagentsOf({
  name,
  input,
}: ToolCall): { agentType: string; count: number } | null {
  if (!SPAWNING_TOOLS.has(name)) return null;
  const fields = (typeof input === 'object' && input !== null ? input : {}) as Record<
    string,
    unknown
  >;
  if (name === 'Workflow') {
    return { agentType: WORKFLOW_AGENT_TYPE, count: agentsIn(fields.script) };
  }
  const { subagent_type: named } = fields;
  return { agentType: typeof named === 'string' ? named : USUAL_AGENT_TYPE, count: 1 };
}

/** Calls of `agent(` in a workflow's script: a loop hides more, and each of those is decided on by itself. */
function agentsIn(script: unknown): number {
  if (typeof script !== 'string') return 1;
  return Math.max(1, script.match(/\bagent\s*\(/g)?.length ?? 1);
}
