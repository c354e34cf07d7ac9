// The one canonical shape of a configuration, whatever files it came from.
import type { BreakerRules } from '../breakers/breaker.ts';
import type { StatementSettings } from '../domain/billing.ts';
import type { Budget } from '../domain/budget.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Project } from '../domain/project.ts';
import type { PricingPolicy } from '../pricing/policy.ts';
import type { RoutingRule } from '../routing/rule.ts';

/** How sure the gate wants to be that the next request fits; see the table in the README. */
export type SafetyLevel = 'expected' | 'cautious' | 'strict' | 'none';

/** A client, or cost centre, and the repositories that work for it. */
export interface ClientRule {
  readonly repository: string;
  readonly client: string | null;
  readonly costCentre: string | null;
}

/** Where a secret is: a variable of the environment, a file that only its owner may read, or what a program prints. */
export type SecretPlace =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] };

/** Minutes after midnight in the configured zone; over midnight where it ends before it begins. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** A place alerts are sent to. */
export type ChannelSettings =
  | { readonly name: string; readonly type: 'terminal' | 'desktop' }
  | ChatSettings
  | NtfySettings
  | WebhookSettings
  | EmailSettings
  | CommandSettings;

export interface ChatSettings {
  readonly name: string;
  readonly type: 'slack' | 'teams' | 'discord';
  readonly url: SecretPlace;
  readonly allowPrivate: boolean;
}

export interface NtfySettings {
  readonly name: string;
  readonly type: 'ntfy';
  readonly server: string;
  readonly topic: SecretPlace;
  readonly token: SecretPlace | null;
  readonly allowPrivate: boolean;
}

export interface WebhookSettings {
  readonly name: string;
  readonly type: 'webhook';
  readonly url: string;
  readonly secret: SecretPlace;
  readonly allowPrivate: boolean;
}

export interface EmailSettings {
  readonly name: string;
  readonly type: 'email';
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly user: string | null;
  readonly password: SecretPlace | null;
  readonly from: string;
  readonly to: readonly string[];
}

export interface CommandSettings {
  readonly name: string;
  readonly type: 'command';
  readonly run: readonly string[];
}

/** The collector that metrics are pushed to. */
export interface OtlpSettings {
  readonly endpoint: string;
  /** By name. */
  readonly headers: Readonly<Record<string, SecretPlace>>;
  readonly allowPrivate: boolean;
}

/** What a person is told of in time, and where. `null`: it is not told. */
export interface AlertSettings {
  /** Shares of a limit, ascending. */
  readonly thresholds: readonly number[];
  /** A ceiling that will be met within this time. */
  readonly runOutMs: number | null;
  readonly burnNanoUsdPerHour: NanoUsd | null;
  readonly paceRatio: number | null;
  readonly spikeRatio: number | null;
  readonly quietHours: QuietHours | null;
  readonly channels: readonly ChannelSettings[];
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
  /** Where a person may loosen: also in a terminal, or only by what is typed into the client. */
  readonly grants: 'terminal' | 'prompt';
  /** Whether a session that is halted leaves a note with the agent's open tasks and last words. */
  readonly handOffs: 'off' | 'keep';
  /** How Claude Code is paid: by a plan, or each request; `null`: not said, and seen by what Claude Code tells of a plan. */
  readonly billing: 'plan' | 'api' | null;
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
  readonly breakers: BreakerRules;
  /** What is done with subagents before they start; the first rule that holds counts. */
  readonly routing: readonly RoutingRule[];
  readonly statements: StatementSettings;
  readonly projects: readonly Project[];
  /** `null`: metrics are pushed nowhere. */
  readonly otlp: OtlpSettings | null;
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
