// Whose money it was: the labels of an entry. Rule: `null` means "not known", and is shown as such.

/** The labels of one entry, as they were at the moment of the request. */
export interface Attribution {
  /** Normalised remote (`github.com/Acme/Shop`), or the absolute top-level folder where there is none. */
  readonly repository: string | null;
  /** Folder inside the repository the agent worked in, `null` at its top. */
  readonly subPath: string | null;
  /** Name of the linked worktree; `null` in the main one. Worktrees fold into their repository. */
  readonly worktree: string | null;
  /** Branch name; `null` when the head is detached or unknown. */
  readonly branch: string | null;
  /** Git e-mail address of whoever works here. */
  readonly developer: string | null;
  readonly client: string | null;
  readonly costCentre: string | null;
  readonly ticket: string | null;
  readonly pullRequest: string | null;
  /** The model that was asked for, as the agent spelled it. */
  readonly model: string | null;
  /** Kind of subagent (`general-purpose`, …); `null` in the main loop. */
  readonly agentType: string | null;
  readonly skill: string | null;
  readonly plugin: string | null;
  readonly mcpServer: string | null;
  /** First tool the response asked for; `null` when it only wrote text. */
  readonly tool: string | null;
  /** Free labels as `key=value` pairs, sorted, joined by `,`; `null` when there are none. */
  readonly labels: string | null;
}

/** Nothing is known. */
export const NO_ATTRIBUTION: Attribution = {
  repository: null,
  subPath: null,
  worktree: null,
  branch: null,
  developer: null,
  client: null,
  costCentre: null,
  ticket: null,
  pullRequest: null,
  model: null,
  agentType: null,
  skill: null,
  plugin: null,
  mcpServer: null,
  tool: null,
  labels: null,
};

/** Every label, in the order in which stores and reports show them. */
export const ATTRIBUTION_KEYS = Object.keys(NO_ATTRIBUTION) as readonly (keyof Attribution)[];
