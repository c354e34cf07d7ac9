// Which tool calls change nothing, by a look at their name or their command. Rule: whoever is not sure says that it may,
// and the call is taken apart (`guarded-files.ts`).

/** A tool and what it is given. */
export interface ToolCall {
  readonly name: string;
  readonly input: unknown;
}

const WRITING_TOOLS: ReadonlySet<string> = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);
/** Tools of other makers that say by their name that they change files. */
export const saysItWrites = (name: string): boolean =>
  name.startsWith('mcp__') &&
  /write|edit|create|move|rename|delete|remove|patch|replace|append/i.test(name);
const SHELL_TOOLS: ReadonlySet<string> = new Set(['Bash', 'PowerShell', 'Monitor']);

/** Whether a tool runs commands of a shell. */
export const isShell = ({ name }: ToolCall): boolean => SHELL_TOOLS.has(name);

/** Whether a call changes no file by itself: most do not. */
export function changesNothing(tool: ToolCall): boolean {
  if (!isShell(tool)) return !WRITING_TOOLS.has(tool.name) && !saysItWrites(tool.name);
  const command = (tool.input as { readonly command?: unknown } | null)?.command;
  return typeof command !== 'string' || onlyReads(command);
}

/** They change nothing by themselves, whatever their operands. */
const READERS: ReadonlySet<string> = new Set(
  'cat cd cut date diff du echo grep head ls pwd stat tail test uname wc which'.split(' '),
);
/** What sends output somewhere, holds another command or begins one. */
const JOINTS = /[\n\\`$(){}|&;<>]/;

/** One plain reader: most commands are, and taking them apart would cost as much as the decision. */
const onlyReads = (command: string): boolean => {
  const end = command.indexOf(' ');
  return READERS.has(end === -1 ? command : command.slice(0, end)) && !JOINTS.test(command);
};
