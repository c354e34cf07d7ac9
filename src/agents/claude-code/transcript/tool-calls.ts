// The tool calls of a transcript, for explaining a session to the person whose it is. Rule: nothing of it is
// stored; lines that cannot be read are passed over. Source: client 2.1.330, read 2026-11-21.
import { readFileSync } from 'node:fs';
import type { AgentId } from '../../../domain/ids.ts';
import { type Fields, fieldsOf, listOf, parseFields } from '../fields.ts';
import { transcriptFiles } from '../paths.ts';

/** One call of a tool. */
export interface ToolCall {
  readonly tool: string;
  /** The file it was about (`Read`, `Edit` …), `null` for other tools. */
  readonly file: string | null;
  /** The same for two calls that asked for the same. */
  readonly asked: string;
  /** Whether its result was an error; `null` when no result was written. */
  readonly failed: boolean | null;
  /** Size of the result, as the model got it. */
  readonly resultBytes: number;
}

/** All calls of a session, subagents' included, or of one subagent; each file in order, empty when the transcript is gone. */
export function readToolCalls(mainPath: string, only?: AgentId): readonly ToolCall[] {
  const files = transcriptFiles(mainPath).filter(
    ({ agentId }) => only === undefined || agentId === only,
  );
  return files.flatMap(({ path }) => {
    try {
      return parseToolCalls(readFileSync(path, 'utf8'));
    } catch {
      return []; // the client deletes transcripts after thirty days
    }
  });
}

/** The calls in the lines of one file. */
function parseToolCalls(text: string): readonly ToolCall[] {
  const calls = new Map<string, ToolCall>();
  for (const line of text.split('\n')) {
    // Results name the call with `tool_use_id`.
    if (!line.includes('"tool_use')) continue;
    const message = fieldsOf(parseFields(line)?.message);
    for (const block of listOf(message.content)) {
      if (block.type === 'tool_use' && typeof block.id === 'string') {
        calls.set(block.id, callOf(block));
      } else if (block.type === 'tool_result') {
        const id = String(block.tool_use_id);
        const known = calls.get(id);
        if (!known) continue;
        const content =
          typeof block.content === 'string' ? block.content : JSON.stringify(block.content ?? '');
        calls.set(id, {
          ...known,
          failed: block.is_error === true,
          resultBytes: Buffer.byteLength(content),
        });
      }
    }
  }
  return [...calls.values()];
}

function callOf({ name, input }: Fields): ToolCall {
  const tool = typeof name === 'string' ? name : '';
  const { file_path: path, notebook_path: notebook } = fieldsOf(input);
  const file = path ?? notebook;
  return {
    tool,
    file: typeof file === 'string' ? file : null,
    asked: JSON.stringify([tool, input ?? null]),
    failed: null,
    resultBytes: 0,
  };
}
