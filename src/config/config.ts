// The one canonical shape of a configuration, whatever files it came from.
import type { Budget } from '../domain/budget.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { PricingPolicy } from '../pricing/policy.ts';

/** How sure the gate wants to be that the next request fits; see the table in the README. */
export type SafetyLevel = 'expected' | 'cautious' | 'strict' | 'none';

/** A client, or cost centre, and the repositories that work for it. */
export interface ClientRule {
  readonly repository: string;
  readonly client: string | null;
  readonly costCentre: string | null;
}

/** When a person is told of something, and where. */
export interface AlertSettings {
  /** Shares of a limit, ascending. */
  readonly thresholds: readonly number[];
  readonly channels: readonly ChannelSettings[];
}

/** A place alerts are sent to. */
export interface ChannelSettings {
  readonly name: string;
}

/** Whence a value came: the file (absolute path), or `default`, or `flag`. */
export type Origin = string;

/** Everything a person can decide, resolved. */
export interface Config {
  readonly budgets: readonly Budget[];
  readonly safety: SafetyLevel;
  /** IANA zone of calendar periods. */
  readonly timeZone: string;
  /** What a hook answers when it cannot read its ledger: stop loudly, or go on loudly. */
  readonly onFailure: 'halt' | 'warn';
  /** What becomes of a client whose hooks no longer run, or whose watchdog is ended again and again. */
  readonly onGuardLost: 'halt' | 'warn';
  /** What becomes of other programs that run our hooks by their Claude compatibility. */
  readonly foreignHosts: 'allow' | 'refuse';
  /** How long PreToolUse waits for the line of its own response when the ceiling is near. */
  readonly waitMs: number;
  /** How long a reservation holds when it is not settled. */
  readonly reservationMs: number;
  /** Halt on a model without a price, instead of pricing it at the most expensive row. */
  readonly haltOnUnknownModel: boolean;
  /** Most subagents one spawn may be expected to cost together; `null`: the headroom alone decides. */
  readonly fanOutNanoUsd: NanoUsd | null;
  readonly pricing: PricingPolicy;
  readonly clients: readonly ClientRule[];
  /** Regular expression whose first group (or whole match) in a branch name is the ticket. */
  readonly ticketPattern: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly alerts: AlertSettings;
  /** Dotted path of each value that is not a default → the file it came from. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** A mistake of a person in a file of theirs: where, what, and what would be right. */
export interface ConfigProblem {
  /**
   * `mistake`: the file cannot be used as it is. `refused`: the file is used, but for this value,
   * which would have loosened what an outer file set; the outer value stays.
   */
  readonly kind: 'mistake' | 'refused';
  readonly file: string;
  /** Dotted path inside the file, `budgets[0].hard`; empty for the file as a whole. */
  readonly path: string;
  /** Where that is in the text, from 1; `null` when the file could not be read. */
  readonly at: { readonly line: number; readonly column: number } | null;
  readonly message: string;
  readonly hint: string;
}
