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

const KNOWN_BY = Symbol.for('tollgate.error');

/**
 * The world refused: a file, a database, another program. Never thrown for a bug of ours. The built program has this class in
 * several files, and one of them throws what another catches: `instanceof` holds for all of them.
 */
export class TollgateError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && KNOWN_BY in value;
  }

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

  get [KNOWN_BY](): true {
    return true;
  }
}

/** Stops at once where our own code broke its own rule. */
export function invariant(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`invariant broken: ${what}`);
}
