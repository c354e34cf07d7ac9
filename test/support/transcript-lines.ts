// Lines as Claude Code 2.1.330 writes them into a transcript, as short as they can be. For tests that say what is told.

/** A response to be told. What is left out is ordinary. */
export interface TranscriptResponse {
  readonly id: string;
  readonly session?: string;
  /** Seconds after the beginning of time in these tests. */
  readonly at?: number;
  readonly model?: string;
  readonly input?: number;
  readonly output?: number;
  readonly stopReason?: string | null;
  readonly text?: string;
  readonly block?: number;
  readonly tool?: string;
  readonly agent?: string;
  /** The session that really made it, on a fork's copies. */
  readonly madeBy?: string;
  /** Further fields of the line, of `message`, or of its usage. */
  readonly line?: object;
  readonly message?: object;
  readonly usage?: object;
}

export const BEGIN = Date.UTC(2026, 10, 21, 12);
const stamp = (at: number) => new Date(BEGIN + at * 1_000).toISOString();
const json = (value: object) => `${JSON.stringify(value)}\n`;

/** One line of a response. Claude Opus 4.7 at $5 and $25: 1,000 in and 100 out are 7.5 cents of a dime. */
export function response(given: TranscriptResponse): string {
  const { id, session = 's1', at = 0, model = 'claude-opus-4-7', block = 0 } = given;
  const { input = 1_000, output = 100, stopReason = 'end_turn', text = 'hi', tool } = given;
  const content = tool
    ? [{ type: 'tool_use', id: `toolu_${id}`, name: tool, input: { command: text } }]
    : [{ type: 'text', text }];
  return json({
    parentUuid: null,
    isSidechain: given.agent !== undefined,
    ...(given.agent === undefined ? {} : { agentId: given.agent }),
    message: {
      ...{ id, type: 'message', role: 'assistant', model, content },
      ...{ stop_reason: stopReason, stop_sequence: null },
      usage: { input_tokens: input, output_tokens: output, ...given.usage },
      ...given.message,
    },
    ...{ apiBlockIndex: block, requestId: `req_${id}`, requestedModel: model, type: 'assistant' },
    ...{ uuid: `u-${id}-${block}`, timestamp: stamp(at) },
    ...(given.madeBy === undefined ? {} : { requestSessionId: given.madeBy }),
    ...{ cwd: '/nowhere', sessionId: session, version: '2.1.330', gitBranch: 'main' },
    ...given.line,
  });
}

/** What a person typed: the beginning of a turn. */
export function prompt(turn: string, { session = 's1', at = 0, agent = '' } = {}): string {
  return json({
    ...{ parentUuid: null, isSidechain: agent !== '', ...(agent ? { agentId: agent } : {}) },
    ...{ promptId: turn, type: 'user', message: { role: 'user', content: 'go' } },
    ...{ uuid: `u-${turn}-${at}`, timestamp: stamp(at), sessionId: session },
  });
}

/** The result of a tool, which names its turn too. */
export function result(
  turn: string,
  toolUseResult: object,
  { session = 's1', at = 0 } = {},
): string {
  return json({
    ...{ parentUuid: null, isSidechain: false, promptId: turn, type: 'user' },
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
    ...{ uuid: `u-result-${turn}-${at}`, timestamp: stamp(at), toolUseResult, sessionId: session },
  });
}

/** The client's own total, in dollars. */
export function costState(totalCostUSD: number, session = 's1'): string {
  return json({ type: 'cost-state', sessionId: session, totalCostUSD, hasUnknownModelCost: false });
}

export function compactBoundary(id: string, preTokens: number, { session = 's1', at = 0 } = {}) {
  return json({
    ...{ parentUuid: null, isSidechain: false, type: 'system', subtype: 'compact_boundary' },
    ...{ uuid: id, timestamp: stamp(at), compactMetadata: { preTokens }, sessionId: session },
  });
}
