// A session in a real client's place: it asks for one tool after the other, and tells the built hooks as Claude Code does.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type HookAnswer, runHook } from './hook-process.ts';
import type { ApiUsage } from './messages-api-stub.ts';
import type { Sandbox } from './sandbox.ts';
import { prompt, response } from './transcript-lines.ts';

export interface ScriptedSession {
  readonly begin: () => Promise<HookAnswer>;
  /** One prompt and at most so many requests; ends where it is halted, and answers what was said last. */
  readonly turn: (most: number) => Promise<HookAnswer>;
  /** Responses so far. */
  readonly requestCount: () => number;
}

/** `text` is typed, run and answered. */
export function openScriptedSession(
  machine: Sandbox,
  id: string,
  usage: Partial<ApiUsage>,
  text = 'go on',
): ScriptedSession {
  const folder = join(machine.home, '.claude', 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${id}.jsonl`);
  const told = { session_id: id, transcript_path: file, permission_mode: 'default' };
  const say = (name: string, event: object) => runHook(machine, name, { ...told, ...event });
  const stamp = () => ({ timestamp: new Date().toISOString(), cwd: machine.repo });
  let count = 0;
  return {
    begin: () => say('SessionStart', { source: 'startup' }),
    turn: async (most) => {
      let answer = await say('UserPromptSubmit', { prompt: `use ${text}` });
      if (isHalted(answer)) return answer;
      appendFileSync(file, prompt(`t${count}`, { session: id }));
      for (let step = 0; step < most && !isHalted(answer); step += 1) {
        count += 1;
        const message = `msg_${id.slice(0, 8)}_${count}`;
        const line = { id: message, session: id, tool: 'Bash', usage, line: stamp() };
        appendFileSync(file, response({ ...line, text }));
        const call = {
          tool_name: 'Bash',
          tool_input: { command: `x ${text}` },
          tool_use_id: `toolu_${message}`,
        };
        answer = await say('PreToolUse', call);
        if (!isHalted(answer)) answer = await say('PostToolBatch', { tool_calls: [call] });
      }
      return answer;
    },
    requestCount: () => count,
  };
}

/** Whether no further request may follow. */
export const isHalted = ({ output }: HookAnswer): boolean =>
  output?.decision === 'block' || output?.continue === false;
