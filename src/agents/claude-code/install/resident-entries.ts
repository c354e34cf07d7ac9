// The hooks of the resident gate, in the place of command hooks. Rule: only the two events of every tool call are
// answered by the server; the others come once a turn and stay with command hooks, so that a turn never begins
// ungated, whatever has become of the server, and the prompt's hook can put the command hooks back.
// Source: client 2.1.330, seen 2026-11-21.
import type { HookCommand, HookEntry, ToolHook } from './hook-entry.ts';
import {
  GATE_MODES,
  type GateMode,
  PLUGIN_FLAG,
  PLUGIN_SERVER,
  RESIDENT_SERVER,
} from './resident-names.ts';

/** Events that the server answers, and the hook that answers them without it. */
const RESIDENT_EVENTS: Readonly<Record<string, string>> = {
  PreToolUse: 'pre-tool-use',
  PostToolBatch: 'post-tool-batch',
};

const PROMPT_EVENT = 'UserPromptSubmit';
/** The prompt's hook, as a file or as the launcher's argument. */
const PROMPT_HOOK = /user-prompt-submit(\.cjs)?$/;

/** Fields of an event that the client can fill in. An empty one has no value. */
const FIELDS = [
  'hook_event_name',
  'session_id',
  'transcript_path',
  'cwd',
  'prompt_id',
  'permission_mode',
  'agent_id',
  'agent_type',
  'tool_name',
  'tool_input',
  'tool_use_id',
  'tool_calls',
] as const;

/** As long as a command hook may take; the server's own waits are shorter. */
const TIMEOUT_SECONDS = 10;

const gateHook = (server: string): ToolHook => ({
  type: 'mcp_tool',
  server,
  tool: 'gate',
  input: Object.fromEntries(FIELDS.map((name) => [name, `\${${name}}`])),
  timeout: TIMEOUT_SECONDS,
  onFailure: 'block',
});

/**
 * Our entries with the resident gate in them, or with command hooks standing in for it; what a file holds of either
 * becomes what `mode` wants. Entries of a client that has none of this stay as they are.
 */
export function withGateMode(entries: readonly HookEntry[], mode: GateMode): readonly HookEntry[] {
  const prompt = entries.find(({ event }) => event === PROMPT_EVENT)?.group.hooks[0];
  if (prompt?.type !== 'command' || prompt.args === undefined) return entries;
  const { args } = prompt;
  const server = args.includes(PLUGIN_FLAG) ? PLUGIN_SERVER : RESIDENT_SERVER;
  return entries.map((entry): HookEntry => {
    const { event, group } = entry;
    const hook = RESIDENT_EVENTS[event];
    if (event === PROMPT_EVENT) {
      return {
        event,
        group: { ...group, hooks: [{ ...prompt, args: [...withoutMode(args), mode] }] },
      };
    }
    if (hook === undefined) return entry;
    return {
      event,
      group: {
        ...group,
        hooks: [mode === '--resident' ? gateHook(server) : standIn(prompt, hook)],
      },
    };
  });
}

/** The command hook of an event, made like the prompt's own: the same node, the same folder. */
function standIn(prompt: HookCommand, hook: string): HookCommand {
  const args = withoutMode(prompt.args ?? []).map((arg) =>
    arg.replace(PROMPT_HOOK, (_, extension = '') => hook + extension),
  );
  return { ...prompt, args };
}

const withoutMode = (args: readonly string[]): readonly string[] =>
  args.filter((arg) => !GATE_MODES.some((each) => each === arg));

/** Whether a value from a settings file is a hook of the resident gate. */
export function isResidentHook(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { type, server, tool } = value as Record<string, unknown>;
  const isOurs = server === RESIDENT_SERVER || server === PLUGIN_SERVER;
  return type === 'mcp_tool' && isOurs && tool === 'gate';
}
