// What a transcript shows of a thread to circuit breakers: its calls with their results, its responses without tools, its prompts. Rule: read
// whole, so only by whoever looks at the past. Source: client 2.1.330, read 2026-11-28.
import type { CallFact, ThreadStep } from '../../../breakers/breaker.ts';
import { isTaskNotification } from '../events/event.ts';
import { type Fields, fieldsOf, listOf, parseFields } from '../fields.ts';
import { resultText, toCallFact } from '../tools/call-facts.ts';

/** What is open while lines are read. */
interface Open {
  readonly steps: ThreadStep[];
  /** The response that the last lines are of; `null`: none. */
  messageId: string | null;
  hasTools: boolean;
  contextTokens: number;
  at: number;
  readonly asked: Map<string, Fields>;
  calls: CallFact[];
}

/** The steps in the lines of one file, in order; lines that cannot be read have none. */
export function threadSteps(text: string): readonly ThreadStep[] {
  const open: Open = {
    ...{ steps: [], messageId: null, hasTools: false, contextTokens: 0, at: 0 },
    ...{ asked: new Map(), calls: [] },
  };
  for (const line of text.split('\n')) {
    const value = parseMessage(line);
    if (value !== null) readLine(value, open);
  }
  finish(open);
  return open.steps;
}

function readLine(line: Fields, open: Open): void {
  const message = fieldsOf(line.message);
  const at = typeof line.timestamp === 'string' ? Date.parse(line.timestamp) : Number.NaN;
  if (line.type === 'assistant') readResponse(message, at, open);
  if (line.type !== 'user') return;
  const results = listOf(message.content).filter(({ type }) => type === 'tool_result');
  for (const block of results) readResult(block, at, open);
  if (results.length > 0 || line.isMeta === true) return;
  finish(open);
  const isAttended = line.isSidechain !== true && !isTaskNotification(resultText(message.content));
  open.at = Number.isNaN(at) ? open.at : at;
  open.steps.push({
    kind: 'prompt',
    at: open.at,
    contextTokens: open.contextTokens,
    isAttended,
  });
}

function readResponse(message: Fields, at: number, open: Open): void {
  const { id, model } = message;
  if (typeof id !== 'string' || model === '<synthetic>') return;
  if (id !== open.messageId) {
    finish(open);
    open.messageId = id;
  }
  open.at = Number.isNaN(at) ? open.at : at;
  const usage = fieldsOf(message.usage);
  const tokens = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'].reduce(
    (sum, name) => sum + (typeof usage[name] === 'number' ? usage[name] : 0),
    0,
  );
  open.contextTokens = tokens || open.contextTokens;
  for (const block of listOf(message.content)) {
    if (block.type !== 'tool_use' || typeof block.id !== 'string') continue;
    open.hasTools = true;
    open.asked.set(block.id, block);
  }
}

/** A call is over with its result, which may stand in more than one line. */
function readResult(block: Fields, at: number, open: Open): void {
  const id = String(block.tool_use_id);
  const asked = open.asked.get(id);
  if (asked === undefined) return;
  open.asked.delete(id);
  open.at = Number.isNaN(at) ? open.at : at;
  const result = resultText(block.content);
  open.calls.push(toCallFact(String(asked.name), asked.input, result, block.is_error === true));
}

/** The response is over: what follows is of another one, or a prompt. */
function finish(open: Open): void {
  const { at, contextTokens, calls } = open;
  if (calls.length > 0) open.steps.push({ kind: 'calls', at, contextTokens, calls });
  else if (open.messageId !== null && !open.hasTools) {
    open.steps.push({ kind: 'response', at, contextTokens });
  }
  open.messageId = null;
  open.hasTools = false;
  open.calls = [];
}

/** Quick for the lines that hold neither. */
const parseMessage = (text: string): Fields | null =>
  text.includes('"assistant"') || text.includes('"user"') ? parseFields(text) : null;
