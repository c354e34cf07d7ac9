// What a transcript shows of tools as it grows: who asked for which, and which of them have run. Rule: only what is certain;
// a result that says a tool did not run (refused, mistaken, interrupted) is no run. Source: client 2.1.330, read 2026-11-28.
import type { ToolStep } from '../../agent.ts';
import { type Fields, fieldsOf, listOf, parseFields } from '../fields.ts';
import { resultText } from '../tools/call-facts.ts';

const NEWLINE = 0x0a;
/** Tools that the client asks its hooks about before it runs them; of others that is not known. */
const ALWAYS_ASKED =
  /^(Bash|PowerShell|Read|Write|Edit|NotebookEdit|Grep|Glob|WebFetch|Agent|Task|mcp__.+)$/;
/** What the result of a tool that ran and failed begins with; all other errors come from the client. */
const RAN_AND_FAILED = /^Exit code \d/;

/** What the complete lines in `bytes` show of tools, in order; lines that cannot be read show nothing. */
export function toolSteps(bytes: Uint8Array): {
  readonly consumedBytes: number;
  readonly steps: readonly ToolStep[];
} {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const steps: ToolStep[] = [];
  let start = 0;
  for (let end = buffer.indexOf(NEWLINE); end !== -1; end = buffer.indexOf(NEWLINE, start)) {
    const text = buffer.toString('utf8', start, end);
    if (text.includes('"assistant"') || text.includes('"tool_result"'))
      steps.push(...stepsOf(text));
    start = end + 1;
  }
  return { consumedBytes: start, steps };
}

function stepsOf(text: string): readonly ToolStep[] {
  const line = parseFields(text);
  if (line === null) return [];
  const message = fieldsOf(line.message);
  const at = typeof line.timestamp === 'string' ? Date.parse(line.timestamp) : Number.NaN;
  const blocks = listOf(message.content);
  if (line.type === 'user') return blocks.flatMap((block) => resultOf(block, at));
  if (line.type !== 'assistant' || message.model === '<synthetic>') return [];
  const { id } = message;
  if (typeof id !== 'string') return [];
  const calls = blocks.flatMap((block): ToolStep[] =>
    block.type === 'tool_use' && typeof block.id === 'string'
      ? [
          {
            kind: 'call',
            at,
            responseId: id,
            useId: block.id,
            isAsked: ALWAYS_ASKED.test(String(block.name)),
          },
        ]
      : [],
  );
  return calls.length > 0 ? calls : [{ kind: 'response', at, responseId: id }];
}

function resultOf(block: Fields, at: number): readonly ToolStep[] {
  if (block.type !== 'tool_result' || typeof block.tool_use_id !== 'string') return [];
  const hasRun = block.is_error !== true || RAN_AND_FAILED.test(resultText(block.content));
  return [{ kind: 'result', at, useId: block.tool_use_id, hasRun }];
}
