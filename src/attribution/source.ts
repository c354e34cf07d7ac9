// The contract of a source of labels: where somebody works, read from the world around the agent.

/** What a working folder says about whose work it is; `null` is "not known". */
export interface Place {
  /** The one name of its remote (`github.com/Acme/Shop`), or a folder without one; `null` outside any repository. */
  readonly repository: string | null;
  /** The repository as its remote's address spells it, where that differs: rules may name it that way. */
  readonly repositoryAsWritten?: string;
  readonly subPath: string | null;
  readonly worktree: string | null;
  /** Branch the head is on now; `null` when detached. */
  readonly branch: string | null;
  /** Only git could tell the branch, and it did not answer. */
  readonly isHeadUnknown?: boolean;
  readonly developer: string | null;
}

export const NOWHERE: Place = {
  repository: null,
  subPath: null,
  worktree: null,
  branch: null,
  developer: null,
};
