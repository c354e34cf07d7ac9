// Which hooks answer the tools of a settings file. Rule: nothing else lives here, since every hook asks for it.

/** What the prompt's hook is told by its last argument. */
export const GATE_MODES = ['--resident', '--stand-in'] as const;

/** `--resident`: the server; `--stand-in`: command hooks, until the server is there. */
export type GateMode = (typeof GATE_MODES)[number];
