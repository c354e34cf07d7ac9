// What the resident gate goes by. Rule: nothing else lives here, since every hook asks for it.

/** The name under which the client knows the server; `mcp__tollgate__budget` is its tool for the agent. */
export const RESIDENT_SERVER = 'tollgate';

/** What Claude Code calls the server of the plugin. Source: client 2.1.330, seen 2026-11-28. */
export const PLUGIN_SERVER = `plugin:tollgate:${RESIDENT_SERVER}`;

/** An argument of the plugin's server and of its prompt hook: which of two installations they belong to. */
export const PLUGIN_FLAG = '--plugin';

/** Which hooks answer the tools of a settings file: the prompt's hook is told so by its last argument. */
export const GATE_MODES = ['--resident', '--stand-in'] as const;

/** `--resident`: the server; `--stand-in`: command hooks, until the server is there. */
export type GateMode = (typeof GATE_MODES)[number];
