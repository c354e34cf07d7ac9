// One file of configuration, read: values in canonical units, nothing filled in. Rule: `undefined` means that the
// file does not say; defaults are filled in once, when the layers are merged.
import type { BreakerSettings } from '../breakers/breaker.ts';
import type { StatementSettings } from '../domain/billing.ts';
import type { BreakerName } from '../domain/breaker-trip.ts';
import type { Mode, Scope } from '../domain/budget.ts';
import type { BudgetId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Project } from '../domain/project.ts';
import type { RoutingRule } from '../routing/rule.ts';
import type { AlertSettings, ClientRule, OtlpSettings, SafetyLevel } from './config.ts';
import type { PeriodRecipe } from './value-parsers.ts';

/**
 * Whose file it is, from the one that binds everybody to the one that binds least. `plugin`: our own, for a machine
 * where nobody has configured a budget.
 */
export type LayerKind = 'managed' | 'user' | 'project' | 'local' | 'plugin';

/** One budget as one file has it. An inner file may repeat an outer budget's id to tighten it. */
export interface LayerBudget {
  /** Where in the file it stands. */
  readonly segments: Segments;
  readonly id: BudgetId;
  readonly scope: Scope | undefined;
  readonly period: PeriodRecipe | undefined;
  readonly softNanoUsd: NanoUsd | undefined;
  readonly hardNanoUsd: NanoUsd | undefined;
  /** `null`: never. */
  readonly wrapUpRatio: number | null | undefined;
  readonly mode: Mode | undefined;
}

/** Dollars per million tokens as whole pico-dollars per token; `undefined`: not said. */
export interface LayerPrice {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite5m?: number | undefined;
  readonly cacheWrite1h?: number | undefined;
}

/** What one file says about alerts. */
export type LayerAlerts = { readonly [K in keyof AlertSettings]?: AlertSettings[K] | undefined };

/** What one file says about circuit breakers. */
export type LayerBreakers = Readonly<
  Partial<
    Record<BreakerName, { readonly [K in keyof BreakerSettings]?: BreakerSettings[K] | undefined }>
  >
>;
/** What one file says about statements. */
export type LayerStatements = {
  readonly [K in keyof StatementSettings]?: StatementSettings[K] | undefined;
};

/** What one file says. */
export interface LayerSettings {
  readonly budgets: readonly LayerBudget[];
  readonly safety?: SafetyLevel | undefined;
  readonly timeZone?: string | undefined;
  readonly onFailure?: 'halt' | 'warn' | undefined;
  readonly onGuardLost?: 'halt' | 'warn' | undefined;
  readonly foreignHosts?: 'allow' | 'refuse' | undefined;
  readonly handOffs?: 'off' | 'keep' | undefined;
  readonly grants?: 'terminal' | 'prompt' | undefined;
  readonly billing?: 'plan' | 'api' | undefined;
  readonly waitMs?: number | undefined;
  readonly reservationMs?: number | undefined;
  /** `mostExpensive`, `halt`, or the model whose price an unknown model takes. */
  readonly unknownModel?: string | undefined;
  readonly fanOutNanoUsd?: NanoUsd | undefined;
  /** Factor on list prices in millionths: 850 000 for "0.85". */
  readonly multiplierMillionths?: number | undefined;
  readonly prices?: Readonly<Record<string, LayerPrice>> | undefined;
  readonly clients?: readonly ClientRule[] | undefined;
  readonly ticketPattern?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly alerts?: LayerAlerts | undefined;
  readonly breakers?: LayerBreakers | undefined;
  readonly routing?: readonly RoutingRule[] | undefined;
  readonly statements?: LayerStatements | undefined;
  readonly projects?: readonly Project[] | undefined;
  readonly otlp?: OtlpSettings | undefined;
}

/** One file of configuration that exists. */
export interface Layer {
  readonly kind: LayerKind;
  /** Absolute path. */
  readonly file: string;
  readonly settings: LayerSettings;
  /** False when the file has mistakes: what could be read of it may then tighten, and nothing else. */
  readonly intact: boolean;
}

/** Where in a file: keys and indexes from its root. */
export type Segments = readonly (string | number)[];

/** What is wrong at one path of one file, before its line is known. */
export interface Finding {
  readonly file: string;
  readonly segments: Segments;
  readonly kind: 'mistake' | 'refused';
  readonly message: string;
  readonly hint: string;
}

/** `budgets[0].hard` for `['budgets', 0, 'hard']`; empty for the file as a whole. */
export function dottedPath(segments: Segments): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else if (!/^[\w$-]+$/.test(segment)) path += `[${JSON.stringify(segment)}]`;
    else path += path === '' ? segment : `.${segment}`;
  }
  return path;
}
