// What the stub reads out of one request to the Messages API: which conversation it belongs to, how far the current
// turn is, and whether the main loop, a subagent or the client itself is asking. No I/O.
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

/**
 * Who is asking. `main`: the conversation with the user. `subagent`: an agent with an id of its own.
 * `side`: a call the client makes for itself (compaction, web search, title, prompt hook), never written to a transcript.
 */
export type RequestKind = 'main' | 'subagent' | 'side';

const block = z.looseObject({ type: z.string() });
const body = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(
    z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) }),
  ),
  tools: z
    .array(z.looseObject({ name: z.string().optional(), type: z.string().optional() }))
    .optional(),
});

/** The body of a request, checked only as far as the stub reads it; everything else is kept as it came. */
export type RequestBody = z.infer<typeof body>;

/** One request to the model, as a script sees it. */
export interface StubRequest {
  /** Position among all `POST /v1/messages` of this stub, from 0. */
  readonly index: number;
  /** The model asked for. */
  readonly model: string;
  readonly kind: RequestKind;
  /** The client's id of the subagent; null in the main loop. */
  readonly agentId: string | null;
  /** The agent that started this subagent; null in the main loop and for first-level subagents. */
  readonly parentAgentId: string | null;
  readonly sessionId: string | null;
  /** The first prompt of the conversation, without the client's reminders. Scenarios are chosen by it. */
  readonly firstPromptText: string;
  /** The prompt that began the current turn, without the client's reminders. */
  readonly promptText: string;
  /** All text of the last user message, tool results and reminders included. */
  readonly lastUserText: string;
  /** Assistant messages since {@link promptText}: 0 for the first request of a turn. */
  readonly stepIndex: number;
  /** Tool results since {@link promptText}. */
  readonly toolResultCount: number;
  /** Names of the tools offered. */
  readonly toolNames: readonly string[];
  readonly body: RequestBody;
}

/** Reads a request; throws when the body is no Messages API request at all. */
export function parseRequest(
  index: number,
  headers: IncomingHttpHeaders,
  rawBody: string,
): StubRequest {
  const parsed = body.parse(JSON.parse(rawBody));
  const agentId = header(headers, 'x-claude-code-agent-id');
  const turn = readTurn(parsed);
  return {
    index,
    model: parsed.model,
    kind: kindOf(parsed, agentId),
    agentId,
    parentAgentId: header(headers, 'x-claude-code-parent-agent-id'),
    sessionId: header(headers, 'x-claude-code-session-id'),
    ...turn,
    toolNames: (parsed.tools ?? []).flatMap((tool) => (tool.name ? [tool.name] : [])),
    body: parsed,
  };
}

function readTurn(parsed: RequestBody) {
  const prompts: string[] = [];
  let lastUserText = '';
  let stepIndex = 0;
  let toolResultCount = 0;
  for (const message of parsed.messages) {
    if (message.role === 'assistant') stepIndex += 1;
    if (message.role !== 'user') continue;
    lastUserText = textOf(message.content);
    toolResultCount += countOf(message.content, 'tool_result');
    const prompt = promptOf(message.content);
    if (prompt === '') continue;
    prompts.push(prompt);
    stepIndex = 0;
    toolResultCount = 0;
  }
  return {
    firstPromptText: prompts[0] ?? '',
    promptText: prompts.at(-1) ?? '',
    lastUserText,
    stepIndex,
    toolResultCount,
  };
}

function kindOf(parsed: RequestBody, agentId: string | null): RequestKind {
  const own = (parsed.tools ?? []).filter(
    (tool) => tool.type === undefined || tool.type === 'custom',
  );
  if (own.length === 0 || isCompaction(parsed)) return 'side';
  return agentId === null ? 'main' : 'subagent';
}

/** A compaction offers the usual tools, so only its instruction tells it apart. [seen in client 2.1.330] */
function isCompaction(parsed: RequestBody): boolean {
  const last = parsed.messages.at(-1);
  if (last?.role !== 'user') return false;
  return /Your task is to create a detailed summary of/.test(textOf(last.content));
}

type Content = RequestBody['messages'][number]['content'];

function textOf(content: Content): string {
  if (typeof content === 'string') return content;
  return content
    .map((part) => textOfPart(part))
    .filter((text) => text !== '')
    .join('\n');
}

function textOfPart(part: z.infer<typeof block>): string {
  if (part.type === 'text' && typeof part.text === 'string') return part.text;
  if (part.type !== 'tool_result') return '';
  const inner = z.union([z.string(), z.array(block)]).safeParse(part.content);
  return inner.success ? textOf(inner.data) : '';
}

/** What a person or the client typed: text beside tool results, without reminders and interruption notes. */
function promptOf(content: Content): string {
  const typed =
    typeof content === 'string' ? content : textOf(content.filter((part) => part.type === 'text'));
  return typed
    .replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
    .replace(/\[Request interrupted by user[^\]]*\]/g, '')
    .trim();
}

function countOf(content: Content, type: string): number {
  return typeof content === 'string' ? 0 : content.filter((part) => part.type === type).length;
}

function header(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
