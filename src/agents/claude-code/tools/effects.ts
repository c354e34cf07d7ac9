// What Claude Code's tools do to files, by their name and input; those of MCP servers, which may be anybody's, by the look of both. Rule: a tool that
// does not say it only reads may change what it is handed. Source: client 2.1.330, read 2026-11-21.
import type { ToolCall, ToolCommand, ToolEffect } from '../../agent.ts';

const WRITING_TOOLS: ReadonlySet<string> = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);
const SHELL_TOOLS: Readonly<Record<string, ToolCommand['shell']>> = {
  Bash: 'bash',
  Monitor: 'bash',
  PowerShell: 'powershell',
};

type Fields = Readonly<Record<string, unknown>>;

/** See `AgentTools.effectOf`. */
export function effectOf({ name, input }: ToolCall): ToolEffect {
  const fields = (typeof input === 'object' && input !== null ? input : {}) as Fields;
  const shell = Object.hasOwn(SHELL_TOOLS, name) ? SHELL_TOOLS[name] : undefined;
  if (shell !== undefined) {
    const { command } = fields;
    if (typeof command !== 'string') return null;
    return { commands: [{ text: command, shell }], paths: [], isWhole: false };
  }
  if (WRITING_TOOLS.has(name)) {
    const paths = [fields.file_path, fields.notebook_path].filter(isText);
    return { commands: [], paths, isWhole: false };
  }
  return name.startsWith('mcp__') ? effectOfServer(name, fields) : null;
}

const WRITES =
  /write|edit|creat|mov(e|ing)|renam|delet|remov|patch|replac|append|save|put|set|updat|insert|upload|copy|truncat|unlink|clean|reset|checkout|restore|stash|exec|run|command|shell|terminal|process|bash|script|eval/i;
const READS =
  /read|get|list|search|find|view|show|fetch|query|describe|info|stat|status|tree|log|diff|grep|glob/i;
const COMMAND_KEY =
  /^(command|cmd|commandLine|command_line|script|code|shell|shell_command|line|input|text_command)$/i;
const PROGRAM_KEY = /^(program|executable|binary|file|command|cmd)$/i;
const ARGUMENTS_KEY = /^(args|argv|arguments|params|command|cmd)$/i;
/** What is written, said or looked for is no path. */
const CONTENT_KEY = /content|text|body|data|title|message|description|query|pattern|prompt/i;
const MAX_DEPTH = 4;

function effectOfServer(name: string, fields: Fields): ToolEffect {
  const tool = name.slice(name.lastIndexOf('__') + 2);
  const server = name.slice(5, name.lastIndexOf('__'));
  if (READS.test(tool) && !WRITES.test(tool)) return null;
  const runs = commandsIn(fields);
  const texts = [...(/(^|_)git/i.test(name) ? [gitCommand(tool, fields)] : []), ...runs];
  const shells: readonly ToolCommand['shell'][] = /powershell|windows|pwsh/i.test(server)
    ? ['powershell']
    : ['bash', 'powershell'];
  return {
    commands: texts.flatMap((text) => shells.map((shell) => ({ text, shell }))),
    paths: textsIn(fields, 0).map(pathOf),
    isWhole: true,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Texts on one line, wherever they are: one of them may be a path. */
function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return value.includes('\n') ? [] : [value];
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    CONTENT_KEY.test(key) ? [] : textsIn(each, depth + 1),
  );
}

/** A `file:` address as the path it stands for. */
function pathOf(text: string): string {
  if (!/^file:/i.test(text)) return text;
  const path = text.replace(/^file:(\/\/(localhost)?)?/i, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Commands, as one text or as a list of words. */
function commandsIn(fields: Fields): string[] {
  const entries = Object.entries(fields);
  const texts = entries.flatMap(([key, value]) =>
    COMMAND_KEY.test(key) && isText(value) ? [value] : [],
  );
  const lists = entries.flatMap(([key, value]) =>
    ARGUMENTS_KEY.test(key) && Array.isArray(value) ? [value.filter(isText)] : [],
  );
  const programs = entries.flatMap(([key, value]) =>
    PROGRAM_KEY.test(key) && isText(value) ? [value] : [],
  );
  return [
    ...texts,
    ...lists.map((list) => quoted(list)),
    ...programs.flatMap((program) => lists.map((list) => `${program} ${quoted(list)}`)),
  ];
}

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

/** What a tool such as `git_checkout` runs: its name is the verb, its fields are options and operands. */
function gitCommand(tool: string, fields: Fields): string {
  const verb = tool
    .replace(/^.*git_?/i, '')
    .replaceAll('_', '-')
    .toLowerCase();
  const folder = Object.entries(fields).find(([key]) =>
    /repo|cwd|dir|root|workspace/i.test(key),
  )?.[1];
  const words = Object.entries(fields).flatMap(([key, value]) => {
    if (value === folder) return [];
    if (value === true) return [`--${key.replaceAll('_', '-')}`];
    if (Array.isArray(value)) return value.filter(isText);
    if (!isText(value)) return [];
    return /^(mode|type)$/i.test(key) ? [`--${value.replace(/^--/, '')}`] : [value];
  });
  const implied = verb === 'clean' && !/dry/.test(words.join(' ')) ? ['-f', '-d'] : [];
  return `git ${isText(folder) ? `-C ${quoted([folder])} ` : ''}${quoted([verb, ...implied, ...words])}`;
}
