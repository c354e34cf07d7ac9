// A hook entry as it stands in a settings file.

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

/** A command the client runs, as it stands in a settings file. */
export interface HookCommand {
  readonly type: 'command';
  readonly command: string;
  /** Absent in the shell form, for clients that know no other. */
  readonly args?: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  readonly onFailure?: 'block';
}

/** One entry of one event, as it stands in a settings file. */
export interface HookEntry {
  readonly event: string;
  readonly group: { readonly matcher?: '*'; readonly hooks: readonly [HookCommand | ToolHook] };
}

/** An entry whose hook is a process. */
export interface CommandEntry extends HookEntry {
  readonly group: { readonly matcher?: '*'; readonly hooks: readonly [HookCommand] };
}
