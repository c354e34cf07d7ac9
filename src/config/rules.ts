// How the files of a configuration become one: managed, user, project, local. Rule: pure; an inner file may tighten
// what an outer one set, never loosen it, and what an outer file's ceilings rest on counts as set by it.
import type { BreakerRules } from '../breakers/breaker.ts';
import { USUAL_BREAKERS } from '../breakers/usual.ts';
import type { StatementSettings } from '../domain/billing.ts';
import { exactUsd } from '../domain/money.ts';
import type { Project } from '../domain/project.ts';
import { LIST_PRICE, type OverrideRates } from '../pricing/policy.ts';
import type { RoutingRule } from '../routing/rule.ts';
import { DEFAULT_ALERTS, mergeAlerts } from './alert-rules.ts';
import { DEFAULT_STATEMENTS, mergeStatements } from './billing-rules.ts';
import { mergeBreakers } from './breaker-rules.ts';
import { finishedBudget, type MergedBudget, mergeBudgets } from './budget-rules.ts';
import type { AlertSettings, ClientRule, Config, OtlpSettings, SafetyLevel } from './config.ts';
import type { Finding, Layer, LayerSettings, Segments } from './layer.ts';
import { mergeOtlp } from './otlp-rules.ts';
import { completeRates, type PriceBasis, raisedRates } from './pricing-rules.ts';
import { mergeProjects } from './project-rules.ts';

/** What holds where no file says anything; the time zone is the machine's. */
const DEFAULTS = {
  safety: 'cautious',
  onFailure: 'halt',
  onGuardLost: 'halt',
  foreignHosts: 'allow',
  handOffs: 'off',
  grants: 'terminal',
  billing: null,
  waitMs: 300,
  reservationMs: 600_000,
  unknownModel: 'dearest',
} as const;

/** What merging needs to know of the world. */
export interface Basis extends PriceBasis {
  /** IANA zone of this machine. */
  readonly timeZone: string;
}

/** Settings with one value, as far as they are merged. */
interface Scalars {
  readonly safety: SafetyLevel;
  readonly timeZone: string;
  readonly onFailure: 'halt' | 'warn';
  readonly onGuardLost: 'halt' | 'warn';
  readonly foreignHosts: 'allow' | 'refuse';
  readonly handOffs: 'off' | 'keep';
  readonly grants: 'terminal' | 'prompt';
  readonly billing: 'plan' | 'api' | null;
  readonly waitMs: number;
  readonly reservationMs: number;
  readonly unknownModel: string;
  readonly fanOutNanoUsd: number;
  readonly multiplierMillionths: number;
  readonly ticketPattern: string | null;
}
type ScalarKey = keyof Scalars;

/** How a setting is written, how loose a value is (`null`: only the very same is as tight), how it is shown. */
interface ScalarRule<T> {
  readonly segments: Segments;
  readonly looseness: ((value: T) => number) | null;
  /** True: free until a file sets it. False: outer ceilings rest on its default. */
  readonly apart: boolean;
  readonly show: (value: T) => string;
}

const SAFETY: readonly SafetyLevel[] = ['strict', 'cautious', 'expected', 'none'];
const unknownModelLooseness = (value: string): number => (value === 'halt' ? 0 : 1);

const RULES: { readonly [K in ScalarKey]: ScalarRule<Scalars[K]> } = {
  safety: rule(['safety'], (value) => SAFETY.indexOf(value)),
  timeZone: { ...rule<string>(['timeZone'], null), apart: true },
  onFailure: rule(['onFailure'], (value) => (value === 'halt' ? 0 : 1)),
  onGuardLost: rule(['onGuardLost'], (value) => (value === 'halt' ? 0 : 1)),
  foreignHosts: rule(['foreignHosts'], (value) => (value === 'refuse' ? 0 : 1)),
  handOffs: {
    ...rule<'off' | 'keep'>(['handOffs'], (value) => (value === 'off' ? 0 : 1)),
    apart: true,
  },
  grants: rule(['grants'], (value) => (value === 'prompt' ? 0 : 1)),
  billing: { ...rule<'plan' | 'api' | null>(['billing'], null), apart: true },
  waitMs: rule(['waitMs'], (value) => -value),
  reservationMs: rule(['reservationMs'], (value) => -value),
  unknownModel: rule(['unknownModel'], unknownModelLooseness),
  fanOutNanoUsd: { ...rule<number>(['fanOut'], (value) => value), show: showAmount },
  multiplierMillionths: {
    ...rule<number>(['pricing', 'multiplier'], (value) => -value),
    show: (value) => String(value / 1_000_000),
  },
  ticketPattern: { ...rule<string | null>(['ticketPattern'], null), apart: true },
};

function rule<T>(segments: Segments, looseness: ((value: T) => number) | null): ScalarRule<T> {
  return { segments, looseness, apart: false, show: (value) => JSON.stringify(value) };
}

function showAmount(nano: number): string {
  return Number.isFinite(nano) ? exactUsd(nano) : 'unset';
}

/** Everything merged so far. */
interface Merged {
  readonly scalars: Scalars;
  readonly budgets: ReadonlyMap<string, MergedBudget>;
  readonly prices: Readonly<Record<string, OverrideRates>>;
  readonly clients: readonly ClientRule[];
  readonly labels: Readonly<Record<string, string>>;
  readonly alerts: AlertSettings;
  readonly breakers: BreakerRules;
  readonly routing: readonly RoutingRule[];
  readonly statements: StatementSettings;
  readonly projects: readonly Project[];
  readonly otlp: OtlpSettings | null;
  readonly origins: Readonly<Record<string, string>>;
  /** True as soon as an outer file set a budget, or could not be read and may have meant to. */
  readonly guarded: boolean;
}

/**
 * Merges the files, outermost first. `findings` are the values that were refused because they would have loosened
 * something, and budgets without a limit. With no files: the defaults, and no budgets.
 */
export function mergeLayers(
  layers: readonly Layer[],
  basis: Basis,
): { readonly config: Config; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  let merged: Merged = {
    scalars: {
      ...DEFAULTS,
      timeZone: basis.timeZone,
      fanOutNanoUsd: Number.POSITIVE_INFINITY,
      multiplierMillionths: LIST_PRICE.multiplierPpm,
      ticketPattern: null,
    },
    budgets: new Map(),
    prices: {},
    clients: [],
    labels: {},
    alerts: DEFAULT_ALERTS,
    breakers: USUAL_BREAKERS,
    routing: [],
    statements: DEFAULT_STATEMENTS,
    projects: [],
    otlp: null,
    origins: {},
    guarded: false,
  };
  for (const layer of layers) merged = mergeLayer(merged, layer, basis, findings);
  return { config: configOf(merged), findings };
}

function mergeLayer(outer: Merged, layer: Layer, basis: Basis, findings: Finding[]): Merged {
  const origins: Record<string, string> = { ...outer.origins };
  const scalars = { ...outer.scalars };
  for (const key of Object.keys(RULES) as ScalarKey[]) {
    settleScalar(key, scalars, outer, layer, origins, findings);
  }
  const met = mergeBudgets(outer.budgets, layer, scalars.timeZone);
  const told = mergeAlerts(outer.alerts, layer, origins);
  const broken = mergeBreakers(outer.breakers, layer, origins);
  const billed = mergeStatements(outer.statements, layer, origins);
  const planned = mergeProjects(outer.projects, layer, origins);
  const pushed = mergeOtlp(outer.otlp, layer, origins);
  for (const each of [met, told, broken, billed, planned, pushed]) findings.push(...each.findings);
  const { budgets: added, clients = [], labels = {} } = layer.settings;
  const routing = layer.intact ? (layer.settings.routing ?? []) : [];
  for (const { id } of routing) origins[`routing.${id}`] = layer.file;
  const accepted = layer.intact ? { clients, labels } : { clients: [], labels: {} };
  accepted.clients.forEach((_, index) => {
    origins[`clients[${outer.clients.length + index}]`] = layer.file;
  });
  return {
    scalars,
    budgets: met.budgets,
    prices: mergePrices(outer, scalars.unknownModel, layer, basis, origins, findings),
    // Rules are read from the first on, so a repository cannot book its cost on somebody else's client.
    clients: [...outer.clients, ...accepted.clients],
    labels: mergeLabels(outer.labels, accepted.labels, layer, origins, findings),
    alerts: told.alerts,
    breakers: broken.breakers,
    // As clients: an inner file adds rules behind those of the outer ones, which count first.
    routing: [...outer.routing, ...routing],
    statements: billed.statements,
    projects: planned.projects,
    otlp: pushed.otlp,
    origins,
    guarded: outer.guarded || !layer.intact || added.length > 0,
  };
}

/** Takes over one setting of a file, or refuses it. */
function settleScalar<K extends ScalarKey>(
  key: K,
  scalars: { -readonly [P in ScalarKey]: Scalars[P] },
  outer: Merged,
  layer: Layer,
  origins: Record<string, string>,
  findings: Finding[],
): void {
  const next = (layer.settings as Partial<Scalars>)[key];
  const now = outer.scalars[key];
  if (next === undefined) return;
  const { segments, looseness, apart, show } = RULES[key];
  const path = segments.join('.');
  const setBy = outer.origins[path];
  const free = layer.intact && setBy === undefined && (apart || !outer.guarded);
  if (next === now) {
    if (setBy === undefined && layer.intact) origins[path] = layer.file;
  } else if (free || (looseness !== null && looseness(next) < looseness(now))) {
    scalars[key] = next;
    origins[path] = layer.file;
  } else if (layer.intact) {
    findings.push(refusal(layer, segments, show(now), setBy));
  }
}

function refusal(layer: Layer, segments: Segments, stays: string, setBy?: string): Finding {
  const name = String(segments.at(-1));
  const because = setBy === undefined ? ', on which an outer file relies' : `, set in ${setBy}`;
  const message = `"${name}" stays ${stays}${because}.`;
  const hint = `${whose(layer)} may tighten it only; to loosen it, change ${setBy ?? 'the outer file'}.`;
  return { file: layer.file, segments, kind: 'refused', message, hint };
}

function whose(layer: Layer): string {
  return layer.kind === 'user' ? 'Your own file' : "A repository's file";
}

function mergePrices(
  outer: Merged,
  unknownModel: string,
  layer: Layer,
  basis: Basis,
  origins: Record<string, string>,
  findings: Finding[],
): Readonly<Record<string, OverrideRates>> {
  const added = Object.entries(layer.settings.prices ?? {});
  if (added.length === 0) return outer.prices;
  const policy = { ...LIST_PRICE, overrides: outer.prices, unknownModel: standIn(unknownModel) };
  const prices: Record<string, OverrideRates> = { ...outer.prices };
  for (const [model, price] of added) {
    const path = `pricing.models.${model}`;
    const segments = ['pricing', 'models', model];
    if (layer.intact && !outer.guarded && !setPrices(outer)) {
      prices[model] = completeRates(model, price, policy, basis);
      origins[path] = layer.file;
      continue;
    }
    const raised = raisedRates(model, price, policy, basis);
    if (raised.standIn && unknownModel === 'halt') {
      const stays = 'unknown, and unknown models halt';
      if (layer.intact) findings.push(refusal(layer, segments, stays, origins.unknownModel));
      continue;
    }
    for (const name of layer.intact ? raised.lowered : []) {
      findings.push(refusal(layer, [...segments, name], 'as high as it was', origins[path]));
    }
    prices[model] = raised.rates;
    origins[path] = layer.file;
  }
  return prices;
}

/** A file that set any price made prices its own; the card's prices then stand by its choice. */
function setPrices(outer: Merged): boolean {
  return Object.keys(outer.origins).some((path) => path.startsWith('pricing.'));
}

const standIn = (unknownModel: string): string =>
  unknownModel === 'halt' ? LIST_PRICE.unknownModel : unknownModel;

function mergeLabels(
  outer: Readonly<Record<string, string>>,
  added: NonNullable<LayerSettings['labels']>,
  layer: Layer,
  origins: Record<string, string>,
  findings: Finding[],
): Readonly<Record<string, string>> {
  const labels: Record<string, string> = { ...outer };
  for (const [label, value] of Object.entries(added)) {
    const now = Object.hasOwn(labels, label) ? labels[label] : undefined;
    if (now === undefined) {
      labels[label] = value;
      origins[`labels.${label}`] = layer.file;
    } else if (now !== value) {
      const setBy = origins[`labels.${label}`];
      findings.push(refusal(layer, ['labels', label], JSON.stringify(now), setBy));
    }
  }
  return labels;
}

function configOf(merged: Merged): Config {
  const { scalars, budgets, clients, labels } = merged;
  const { unknownModel, fanOutNanoUsd, multiplierMillionths, ...settings } = scalars;
  const origins: Record<string, string> = { ...merged.origins };
  for (const budget of budgets.values()) {
    for (const [field, file] of Object.entries(budget.origins)) {
      origins[`budgets.${budget.id}.${field}`] = file;
    }
  }
  return {
    budgets: [...budgets.values()].map(finishedBudget),
    ...settings,
    haltOnUnknownModel: unknownModel === 'halt',
    fanOutNanoUsd: Number.isFinite(fanOutNanoUsd) ? fanOutNanoUsd : null,
    pricing: {
      ...LIST_PRICE,
      overrides: merged.prices,
      multiplierPpm: multiplierMillionths,
      unknownModel: standIn(unknownModel),
    },
    clients,
    labels,
    alerts: merged.alerts,
    breakers: merged.breakers,
    routing: merged.routing,
    statements: merged.statements,
    projects: merged.projects,
    otlp: merged.otlp,
    origins,
  };
}
