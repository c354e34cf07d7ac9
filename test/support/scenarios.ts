// Ready-made models for the stub. Each is a script; `scenario` puts scripts together: one for the main loop, one per
// subagent (told by a `SCEN:name` marker in its prompt), one for the client's own side calls.
import type { ApiUsage, Script, StubMessage } from './messages-api-stub.ts';

/** The same for every request of a turn, or by step (0 = first request of the turn). */
export type UsagePerStep = Partial<ApiUsage> | ((step: number) => Partial<ApiUsage>);

/** A request of ordinary size: cached context, a little new text, both kinds of cache write. */
export const ordinaryUsage: ApiUsage = {
  input_tokens: 120,
  output_tokens: 350,
  cache_read_input_tokens: 20_000,
  cache_creation_input_tokens: 1_000,
  cache_creation: { ephemeral_5m_input_tokens: 400, ephemeral_1h_input_tokens: 600 },
};

/** The parts of a scenario. What is left out answers plainly. */
export interface ScenarioParts {
  readonly main?: Script;
  /** By marker: `{ sub: … }` answers agents whose first prompt holds `SCEN:sub`. */
  readonly subagents?: Readonly<Record<string, Script>>;
  readonly side?: Script;
  /** Answers the turns that the client starts itself when a background agent has ended. */
  readonly notified?: Script;
}

/** One script out of parts. */
export function scenario({ main, subagents = {}, side, notified }: ScenarioParts): Script {
  const plain = plainAnswer();
  return (request) => {
    if (request.kind === 'side') return (side ?? sideAnswer)(request);
    if (request.kind === 'subagent') {
      const name = /SCEN:([\w-]+)/.exec(request.firstPromptText)?.[1] ?? '';
      return (subagents[name] ?? plain)(request);
    }
    const isNotice = request.promptText.includes('<task-notification>');
    return ((isNotice ? notified : main) ?? plain)(request);
  };
}

/**
 * What every script here answers to the client's own side calls, unless a scenario says otherwise. Of a compaction the
 * client expects the tags: without them it asks, and pays, a second time. [seen in client 2.1.330]
 */
export const sideAnswer: Script = () => ({
  text: '<analysis>Short.</analysis>\n<summary>All went well.</summary>',
  usage: ordinaryUsage,
});

/** Answers in text, without tools: one request per turn. */
export function plainAnswer(text = 'done', usage: UsagePerStep = ordinaryUsage): Script {
  return (request) => {
    if (request.kind === 'side') return sideAnswer(request);
    return { text, usage: usageAt(usage, request.stepIndex) };
  };
}

/** What a tool loop is made of. */
export interface ToolLoop {
  /** Requests that ask for a tool. One more request ends the turn. `Infinity`: it never ends. */
  readonly turns: number;
  readonly usage?: UsagePerStep;
  /** Tool calls in each message. */
  readonly parallel?: number;
  readonly tool?: string;
  /** The shell command of call `call` in step `step`. */
  readonly command?: (step: number, call: number) => string;
  /** The tool's whole input; wins over `command`. */
  readonly input?: (step: number, call: number) => unknown;
  /** Added to every message: delays and the like. */
  readonly pace?: Pick<StubMessage, 'delayMs' | 'blockGapMs' | 'tailMs'>;
  readonly finalText?: string;
}

/** A stubborn model: it asks for its tool again whatever became of the last call, and ends after `turns`. */
export function toolLoop(loop: ToolLoop): Script {
  const { turns, usage = ordinaryUsage, parallel = 1, tool = 'Bash', pace = {} } = loop;
  const command =
    loop.command ?? ((step: number, call: number) => `echo step ${step} call ${call}`);
  const input =
    loop.input ??
    ((step: number, call: number) => ({ command: command(step, call), description: 'a step' }));
  return (request) => {
    if (request.kind === 'side') return sideAnswer(request);
    const { stepIndex } = request;
    const message = { usage: usageAt(usage, stepIndex), ...pace };
    if (stepIndex >= turns) return { ...message, text: loop.finalText ?? 'done' };
    const calls = Array.from({ length: parallel }, (_, call) => ({
      name: tool,
      input: input(stepIndex, call),
    }));
    return { ...message, text: `step ${stepIndex}`, tools: calls };
  };
}

/** Five Bash calls in one message, `turns` times. */
export function fiveParallelTools(usage: UsagePerStep = ordinaryUsage, turns = 1): Script {
  return toolLoop({ turns, usage, parallel: 5 });
}

/** One subagent that the main loop starts. */
export interface AgentCall {
  /** The marker that its prompt carries. */
  readonly marker: string;
  readonly background?: boolean;
  readonly model?: 'sonnet' | 'opus' | 'haiku';
}

/** A model that starts the given agents in one message and ends with the next. */
export function startAgents(calls: readonly AgentCall[], usage?: UsagePerStep): Script {
  return toolLoop({
    turns: 1,
    tool: 'Agent',
    parallel: calls.length,
    input: (_, call) => agentInput(calls[call] ?? { marker: 'none' }),
    ...(usage === undefined ? {} : { usage }),
  });
}

/** One foreground agent which runs `sub` (by default two Bash calls): 2 main requests, 3 of the agent. */
export function foregroundSubagent(sub: Script = toolLoop({ turns: 2 })): Script {
  return scenario({ main: startAgents([{ marker: 'sub' }]), subagents: { sub } });
}

/** `count` agents in the background, at once. The client wakes the main loop as each one ends. */
export function backgroundSubagents(count: number, sub: Script = toolLoop({ turns: 2 })): Script {
  const calls = Array.from({ length: count }, () => ({ marker: 'sub', background: true }));
  return scenario({ main: startAgents(calls), subagents: { sub } });
}

/** An agent that starts an agent: 2 main requests, 2 of the outer, and those of `inner`. */
export function nestedSubagents(inner: Script = toolLoop({ turns: 2 })): Script {
  const outer = startAgents([{ marker: 'inner' }]);
  return scenario({ main: startAgents([{ marker: 'outer' }]), subagents: { outer, inner } });
}

/** One web search: 2 main requests and a side request that no transcript shows. */
export function webSearch(searches = 1, usage: UsagePerStep = ordinaryUsage): Script {
  const ask = toolLoop({
    turns: 1,
    tool: 'WebSearch',
    usage,
    input: () => ({ query: 'tollgate' }),
  });
  const found: Script = () => ({
    text: 'found it',
    usage: { ...usageAt(usage, 0), server_tool_use: { web_search_requests: searches } },
  });
  return scenario({ main: ask, side: found });
}

/** One long answer: `outputTokens` billed at once, with text to match. */
export function bigReply(outputTokens: number, usage: Partial<ApiUsage> = ordinaryUsage): Script {
  const text = 'word '.repeat(Math.min(outputTokens, 20_000));
  return plainAnswer(text, { ...usage, output_tokens: outputTokens });
}

/** The first `failures` requests meet an API error, which the client retries; then `then` answers. */
export function apiErrorThenRetry(then: Script, failures = 1, status = 529): Script {
  let left = failures;
  return (request) => (left-- > 0 ? { status, retryAfterSeconds: 0 } : then(request));
}

function agentInput({ marker, background, model }: AgentCall): object {
  return {
    description: `agent ${marker}`,
    prompt: `Do your part. SCEN:${marker}`,
    subagent_type: 'general-purpose',
    // Left to itself this client may choose the background: say which.
    run_in_background: background ?? false,
    ...(model === undefined ? {} : { model }),
  };
}

function usageAt(usage: UsagePerStep, step: number): Partial<ApiUsage> {
  return typeof usage === 'function' ? usage(step) : usage;
}
