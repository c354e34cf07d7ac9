// The two ways to fail: the world refused (`TollgateError`), or our own code is wrong (`invariant`).

export interface TollgateErrorDetails {
  /** Stable, for scripts and tests: `LEDGER_NEWER`, `LEDGER_UNREADABLE`, `EVENT_UNREADABLE`, … */
  readonly code: string;
  readonly message: string;
  /** The one thing a person can do about it. */
  readonly hint: string;
  /** Whether the same call may succeed later without anybody doing anything. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The world refused: a file, a database, another program. Never thrown for a bug of ours. */
export class TollgateError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(details: TollgateErrorDetails) {
    super(details.message, { cause: details.cause });
    this.name = 'TollgateError';
    this.code = details.code;
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
  }
}

/** Stops at once where our own code broke its own rule. */
export function invariant(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`invariant broken: ${what}`);
}
