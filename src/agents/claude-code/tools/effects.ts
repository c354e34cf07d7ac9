// What Claude Code's tools do to files, by their name and input. Source: client 2.1.330, read 2026-11-21.
import type { ToolCall, ToolEffect } from '../../agent.ts';

const WRITING_TOOLS: ReadonlySet<string> = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);
const SHELL_TOOLS: ReadonlySet<string> = new Set(['Bash', 'PowerShell', 'Monitor']);
const NONE: ToolEffect = { kind: 'none' };

/** See `AgentTools.effectOf`. */
export function effectOf({ name, input }: ToolCall): ToolEffect {
  const fields = (typeof input === 'object' && input !== null ? input : {}) as Record<
    string,
    unknown
  >;
  if (SHELL_TOOLS.has(name)) {
    const { command } = fields;
    return typeof command === 'string' ? { kind: 'command', command } : NONE;
  }
  if (WRITING_TOOLS.has(name)) {
    return {
      kind: 'files',
      paths: texts([fields.file_path, fields.notebook_path]),
      isWhole: false,
    };
  }
  if (saysItWrites(name)) {
    const values = Object.values(fields).flatMap((value) =>
      Array.isArray(value) ? value : [value],
    );
    return { kind: 'files', paths: texts(values), isWhole: true };
  }
  return NONE;
}

/** Tools of an MCP server that say by their name that they change files. */
const saysItWrites = (name: string): boolean =>
  name.startsWith('mcp__') &&
  /write|edit|create|move|rename|delete|remove|patch|replace|append/i.test(name);

const texts = (values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === 'string');
