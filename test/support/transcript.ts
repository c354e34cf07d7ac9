// Writes a session's transcript by hand, line by line as the client does: for tests of hooks without a client.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ApiUsage } from './messages-api-stub.ts';
import type { Sandbox } from './sandbox.ts';

/** One response in a transcript. */
export interface WrittenResponse {
  readonly id: string;
  readonly usage: Partial<ApiUsage>;
  readonly model?: string;
  readonly text?: string;
  readonly tools?: readonly {
    readonly id: string;
    readonly name: string;
    readonly input: unknown;
  }[];
  /** Epoch ms; absent: now. */
  readonly at?: number;
}

/** A transcript that grows. */
export interface WrittenTranscript {
  readonly path: string;
  readonly sessionId: string;
  prompt(turnId: string, at?: number): void;
  respond(response: WrittenResponse): void;
  /** The same of a subagent, in files of its own. */
  agent(
    agentId: string,
    agentType?: string,
  ): Pick<WrittenTranscript, 'path' | 'prompt' | 'respond'>;
}

/** Begins an empty transcript in the world's client folder. */
export function writeTranscript(
  sandbox: Pick<Sandbox, 'home' | 'repo'>,
  sessionId: string,
): WrittenTranscript {
  const folder = join(sandbox.home, '.claude', 'projects', 'repo');
  const file = (path: string, agentId: string | null) => {
    mkdirSync(dirname(path), { recursive: true });
    const write = (line: object) =>
      appendFileSync(
        path,
        `${JSON.stringify({
          ...line,
          sessionId,
          cwd: sandbox.repo,
          gitBranch: 'main',
          ...(agentId === null ? {} : { agentId, isSidechain: true }),
        })}\n`,
      );
    const iso = (at = Date.now()) => new Date(at).toISOString();
    return {
      path,
      prompt: (turnId: string, at?: number) =>
        write({
          type: 'user',
          promptId: turnId,
          timestamp: iso(at),
          message: { role: 'user', content: 'go' },
        }),
      respond: ({ id, usage, model = 'claude-opus-4-7', text, tools = [], at }: WrittenResponse) =>
        write({
          type: 'assistant',
          timestamp: iso(at),
          message: {
            id,
            model,
            role: 'assistant',
            stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn',
            usage,
            content: [
              ...(text === undefined ? [] : [{ type: 'text', text }]),
              ...tools.map((tool) => ({ type: 'tool_use', ...tool })),
            ],
          },
        }),
    };
  };
  const main = file(join(folder, `${sessionId}.jsonl`), null);
  return {
    ...main,
    sessionId,
    agent: (agentId, agentType = 'general-purpose') => {
      const name = join(folder, sessionId, 'subagents', `agent-${agentId}`);
      mkdirSync(dirname(name), { recursive: true });
      writeFileSync(`${name}.meta.json`, JSON.stringify({ agentType }));
      return file(`${name}.jsonl`, agentId);
    },
  };
}
