// Which tool calls change nothing, by a look at their name or command. Rule: when in doubt a call may change something, and its command is
// parsed.
import type { AgentTools, ToolCall } from '../agents/agent.ts';

/** Whether a call changes no file by itself, by a look at its name or its command. Most do not. */
export function changesNothing(tool: ToolCall, tools: AgentTools): boolean {
  const effect = tools.effectOf(tool);
  if (effect === null) return true;
  return (
    effect.paths.length === 0 &&
    effect.commands.every(({ text, shell }) => shell === 'bash' && onlyReads(text))
  );
}

/** Programs that change nothing by themselves, whatever their operands. */
const READERS: ReadonlySet<string> = new Set(
  'cat cd cut date diff du echo grep head ls pwd stat tail test uname wc which'.split(' '),
);
/** What sends output somewhere, holds another command or begins one. */
const OPERATORS = /[\n\\`$(){}|&;<>]/;

/** Whether a command is a single reader. Most are, and parsing them would cost as much as a decision. */
function onlyReads(command: string): boolean {
  const end = command.indexOf(' ');
  return READERS.has(end === -1 ? command : command.slice(0, end)) && !OPERATORS.test(command);
}
