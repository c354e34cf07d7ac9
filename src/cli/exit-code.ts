// How a command ends. 2 is also how a hook says "block": both mean that what was asked is not done.

/** Done, nothing to report. */
export const FINE = 0;
/** Done, and there is something to see to: drift, a halted session, a difference. */
export const FINDINGS = 1;
/** Not done: wrong input, or the world refused. */
export const FAILED = 2;
/** `tollgate run` only: a budget halted the agent, or nobody could see what it spent. */
export const HALTED = 3;
