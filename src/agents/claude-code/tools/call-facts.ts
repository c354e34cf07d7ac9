// A call as circuit breakers know it: an edit, a look, or anything else, with its result as the model gets it. Source: client 2.1.330, read 2026-11-28.
import type { CallFact, CallKind } from '../../../breakers/breaker.ts';
import { callFact } from '../../../breakers/call-fact.ts';
import type { ToolCall } from '../../agent.ts';
import { fieldsOf } from '../fields.ts';

const EDITS: ReadonlySet<string> = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);
/** Tools that look, plan or talk to the person: one that succeeds says nothing of the work. */
const READS: ReadonlySet<string> = new Set([
  ...['Read', 'NotebookRead', 'Grep', 'Glob', 'LS', 'WebFetch', 'WebSearch', 'ToolSearch'],
  ...['TodoWrite', 'TaskCreate', 'TaskUpdate', 'TaskList', 'TaskGet'],
]);
/** Tools that read one file. */
const READS_FILE: ReadonlySet<string> = new Set(['Read', 'NotebookRead']);

const callKind = ({ name }: ToolCall): CallKind =>
  EDITS.has(name) ? 'edit' : READS.has(name) ? 'read' : 'other';

/** The file a call reads or writes; `null`: none. */
function callPath({ name, input }: ToolCall): string | null {
  if (!EDITS.has(name) && !READS_FILE.has(name)) return null;
  const { file_path: file, notebook_path: notebook } = (input ?? {}) as Record<string, unknown>;
  const path = file ?? notebook;
  return typeof path === 'string' ? path : null;
}

/** One call of a tool by its name. */
export function toCallFact(
  tool: string,
  input: unknown,
  result: string,
  hasFailed: boolean,
): CallFact {
  const call = { name: tool, input };
  return callFact({
    ...{ tool, input, result, hasFailed },
    kind: callKind(call),
    path: callPath(call),
  });
}

/** A result as text: what the client puts beside it, and what is no text, left out. */
export function resultText(value: unknown): string {
  if (typeof value === 'string') return withoutReminders(value);
  if (!Array.isArray(value)) return value === undefined ? '' : JSON.stringify(value);
  const texts = value.map((block) => {
    const { text, type } = fieldsOf(block);
    return typeof text === 'string' ? withoutReminders(text) : `[${String(type)}]`;
  });
  return texts.join('\n');
}

const withoutReminders = (text: string): string =>
  text.includes('<system-reminder>')
    ? text.replace(/\s*<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
    : text;
