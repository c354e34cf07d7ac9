// The contract of a source of labels: where somebody works, read from the world around the agent.

/** What a working folder says about whose work it is; `null` is "not known". */
export interface Place {
  /** Normalised remote, or the absolute top-level folder without one; `null` outside any repository. */
  readonly repository: string | null;
  readonly subPath: string | null;
  readonly worktree: string | null;
  /** Branch the head is on now; `null` when detached. */
  readonly branch: string | null;
  readonly developer: string | null;
}

export const NOWHERE: Place = {
  repository: null,
  subPath: null,
  worktree: null,
  branch: null,
  developer: null,
};
