// Tool calls that would type `/budget` in a person's place. Source: client 2.1.330, read 2026-11-21.
import type { ToolCall } from '../../agent.ts';

/** Tools whose input becomes a prompt, at once or later. */
const PROMPTING_TOOLS: ReadonlySet<string> = new Set([
  'Bash',
  'CronCreate',
  'RemoteTrigger',
  'ScheduleWakeup',
  'SendMessage',
  'Skill',
  'SlashCommand',
]);

/** See `AgentTools.forgesPrompt`. */
export function forgesPrompt(tool: ToolCall): boolean {
  if (!PROMPTING_TOOLS.has(tool.name)) return false;
  const text = JSON.stringify(tool.input) ?? '';
  return (
    text.includes('budget') &&
    /budget\b[^\w]{0,20}(?:args\W{1,9})?(?:raise|grant|resume)\b/.test(text)
  );
}
