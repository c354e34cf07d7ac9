// What a call is to circuit breakers: an edit, a look, or anything else. Source: client 2.1.330, read 2026-11-28.
import type { CallKind } from '../../../breakers/breaker.ts';
import type { ToolCall } from '../../agent.ts';

const EDITS: ReadonlySet<string> = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);
/** Tools that look, plan or talk to the person: one that succeeds says nothing of the work. */
const READS: ReadonlySet<string> = new Set([
  ...['Read', 'NotebookRead', 'Grep', 'Glob', 'LS', 'WebFetch', 'WebSearch', 'ToolSearch'],
  ...['TodoWrite', 'TaskCreate', 'TaskUpdate', 'TaskList', 'TaskGet'],
]);
/** Tools that read one file. */
const READS_FILE: ReadonlySet<string> = new Set(['Read', 'NotebookRead']);

export const callKind = ({ name }: ToolCall): CallKind =>
  EDITS.has(name) ? 'edit' : READS.has(name) ? 'read' : 'other';

/** The file a call reads or writes; `null`: none. */
export function callPath({ name, input }: ToolCall): string | null {
  if (!EDITS.has(name) && !READS_FILE.has(name)) return null;
  const { file_path: file, notebook_path: notebook } = (input ?? {}) as Record<string, unknown>;
  const path = file ?? notebook;
  return typeof path === 'string' ? path : null;
}
