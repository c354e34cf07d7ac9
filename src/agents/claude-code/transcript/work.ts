// Where the work stands, by the last lines of a transcript: for a hand-off note at a halt.
// Rule: the assistant's own words and its own lists only; nothing a person typed, nothing a tool returned.
import type { Work } from '../../agent.ts';
import { type Fields, fieldsOf, listOf, parseFields } from '../fields.ts';
import { readTail } from './file-ends.ts';

/** As much of the end as is read: some hundreds of messages. */
const TAIL_BYTES = 2 * 1024 * 1024;
const MAX_WORDS = 4_000;
const MAX_TODOS = 50;
const MAX_FILES = 100;

/** See `Agent.readWork`. */
export function readWork(mainPath: string): Work {
  let lastWords: string | null = null;
  const files = new Set<string>();
  const todos = new Map<string, string>();
  let created = 0;
  for (const line of tailOf(mainPath).split('\n')) {
    for (const block of blocksOf(line)) {
      if (block.type === 'text' && typeof block.text === 'string' && block.text.trim() !== '') {
        lastWords = block.text.trim().slice(0, MAX_WORDS);
      }
      if (block.type !== 'tool_use') continue;
      const input = fieldsOf(block.input);
      const file = input.file_path ?? input.notebook_path;
      if (isWriting(block.name) && typeof file === 'string') {
        files.delete(file);
        files.add(file);
      }
      if (block.name === 'TodoWrite') replaceTodos(todos, input.todos);
      if (block.name === 'TaskCreate' && typeof input.subject === 'string') {
        created += 1;
        todos.set(String(created), input.subject);
      }
      if (block.name === 'TaskUpdate' && isDone(input.status)) todos.delete(String(input.taskId));
    }
  }
  return {
    lastWords,
    openTodos: [...todos.values()].slice(0, MAX_TODOS),
    filesTouched: [...files].slice(-MAX_FILES),
  };
}

function tailOf(path: string): string {
  try {
    return readTail(path, TAIL_BYTES);
  } catch {
    return ''; // no transcript, no work
  }
}

/** What the assistant said and did in a line; nothing for any other line, torn ones included. */
function blocksOf(text: string): readonly Fields[] {
  const line = fieldsOf(text.includes('"assistant"') ? parseFields(text) : null);
  const message = fieldsOf(line.message);
  const isSaid = line.type === 'assistant' && line.isApiErrorMessage !== true;
  return isSaid && message.model !== '<synthetic>' ? listOf(message.content) : [];
}

function replaceTodos(todos: Map<string, string>, written: unknown): void {
  todos.clear();
  for (const [index, { content, status }] of listOf(written).entries()) {
    if (typeof content === 'string' && !isDone(status)) todos.set(`${index}`, content);
  }
}

const isDone = (status: unknown): boolean => status === 'completed' || status === 'deleted';
const isWriting = (name: unknown): boolean =>
  name === 'Write' || name === 'Edit' || name === 'MultiEdit' || name === 'NotebookEdit';
