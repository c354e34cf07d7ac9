// What sets up the resident gate: the server's entry in `.mcp.json`, and the hooks that call it. Rule: only the two
// events of every tool call are answered by the server; the others come once a turn, and stay with command hooks,
// so that a turn never begins ungated, whatever has become of the server.
// Source: client 2.1.330, seen 2026-11-21.

/** The name under which the client knows the server; `mcp__tollgate__budget` is its tool for the agent. */
export const RESIDENT_SERVER = 'tollgate';

/** Events that the server answers. */
export const RESIDENT_EVENTS = ['PreToolUse', 'PostToolBatch'] as const;

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

/** A hook that calls a tool of a server, as it stands in a settings file. */
export interface ToolHook {
  readonly type: 'mcp_tool';
  readonly server: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout: number;
  /** Without the server nothing goes on: it fails closed, and the client starts a crashed server again. */
  readonly onFailure: 'block';
}

/** One event's entry. */
export interface ResidentHookEntry {
  readonly event: (typeof RESIDENT_EVENTS)[number];
  readonly group: { readonly matcher?: '*'; readonly hooks: readonly [ToolHook] };
}

/** What goes where. */
export interface ResidentEntries {
  /** Under `mcpServers` in `.mcp.json` at the top of the project (for one person: in `~/.claude.json`). */
  readonly server: Readonly<Record<typeof RESIDENT_SERVER, ServerEntry>>;
  /** Under `hooks` in the settings, in the place of the command hooks of the same events. */
  readonly hooks: readonly ResidentHookEntry[];
  /** Added to lists in the settings, so that nobody has to approve the server or its tool first. */
  readonly settings: {
    readonly enabledMcpjsonServers: readonly string[];
    readonly permissions: { readonly allow: readonly string[] };
  };
}

interface ServerEntry {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
}

/** `nodePath` and `cliFile` (`dist/cli/main.js`) are absolute. */
export function residentEntries(facts: {
  readonly nodePath: string;
  readonly cliFile: string;
}): ResidentEntries {
  const hook: ToolHook = {
    type: 'mcp_tool',
    server: RESIDENT_SERVER,
    tool: 'gate',
    input: Object.fromEntries(FIELDS.map((name) => [name, `\${${name}}`])),
    timeout: TIMEOUT_SECONDS,
    onFailure: 'block',
  };
  return {
    server: {
      [RESIDENT_SERVER]: { type: 'stdio', command: facts.nodePath, args: [facts.cliFile, 'mcp'] },
    },
    hooks: RESIDENT_EVENTS.map((event) => ({
      event,
      group: event === 'PreToolUse' ? { matcher: '*', hooks: [hook] } : { hooks: [hook] },
    })),
    settings: {
      enabledMcpjsonServers: [RESIDENT_SERVER],
      permissions: { allow: [`mcp__${RESIDENT_SERVER}__budget`] },
    },
  };
}

/** Whether a value from a settings file is a hook of the resident gate. */
export function isResidentHook(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { type, server, tool } = value as Record<string, unknown>;
  return type === 'mcp_tool' && server === RESIDENT_SERVER && tool === 'gate';
}
