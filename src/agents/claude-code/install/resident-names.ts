// What the resident gate goes by. Rule: nothing else lives here, since every hook asks for it.

/** The name under which the client knows the server; `mcp__tollgate__budget` is its tool for the agent. */
export const RESIDENT_SERVER = 'tollgate';

/** Which hooks answer the tools of a settings file: the prompt's hook is told so by its last argument. */
export const GATE_MODES = ['--resident', '--stand-in'] as const;

/** `--resident`: the server; `--stand-in`: command hooks, until the server is there. */
export type GateMode = (typeof GATE_MODES)[number];
