// How the budgets of one more file meet those of the files outside it. Rule: pure; a budget that is there already
// can only become tighter, whoever repeats its id; new ids are free, since each new budget only adds a ceiling.
import {
  type Budget,
  limitText,
  type Mode,
  type PeriodSpec,
  type Scope,
} from '../domain/budget.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Finding, Layer, LayerBudget } from './layer.ts';
import type { PeriodRecipe } from './value-parsers.ts';

/** Share of the ceiling at which the model is asked to wrap up by default. */
const DEFAULT_WRAP_UP_RATIO = 0.9;

/** A budget while layers are still being merged; `undefined`: no file has said. */
export interface MergedBudget {
  readonly id: Budget['id'];
  readonly scope: Scope;
  readonly period: PeriodSpec;
  readonly softNanoUsd: NanoUsd | undefined;
  readonly hardNanoUsd: NanoUsd | undefined;
  readonly wrapUpRatio: number | null | undefined;
  readonly mode: Mode;
  /** Name of a field in the file → the file that set it. */
  readonly origins: Readonly<Record<string, string>>;
}

const MODE_RANK: Readonly<Record<Mode, number>> = { observe: 0, warn: 1, enforce: 2 };

/** What became of one budget of one file; `budget` is `null` when it sets no limit and so is none. */
interface Met {
  readonly budget: MergedBudget | null;
  readonly findings: readonly Finding[];
}

/** Adds the budgets of `layer` to `outer`; `timeZone` is the zone in force for new calendar periods. */
export function mergeBudgets(
  outer: ReadonlyMap<string, MergedBudget>,
  layer: Layer,
  timeZone: string,
): { readonly budgets: ReadonlyMap<string, MergedBudget>; readonly findings: readonly Finding[] } {
  const budgets = new Map(outer);
  const findings: Finding[] = [];
  for (const added of layer.settings.budgets) {
    const there = budgets.get(added.id);
    const met = there ? tighten(there, added, layer) : begin(added, layer, timeZone);
    if (met.budget) budgets.set(added.id, met.budget);
    findings.push(...met.findings);
  }
  return { budgets, findings };
}

function begin(added: LayerBudget, layer: Layer, timeZone: string): Met {
  const { segments, id, softNanoUsd, hardNanoUsd, wrapUpRatio } = added;
  if (softNanoUsd === undefined && hardNanoUsd === undefined) {
    const message = `The budget "${id}" has no limit.`;
    const hint = 'Add "soft", "hard" or both, like "hard": "5.00".';
    const at = { file: layer.file, segments };
    return { budget: null, findings: [{ ...at, kind: 'mistake', message, hint }] };
  }
  const recipe = added.period ?? { kind: 'session', followChain: false };
  const budget: MergedBudget = {
    id,
    scope: canonicalScope(added.scope ?? { where: {}, per: [] }, recipe),
    period: inZone(recipe, timeZone),
    softNanoUsd,
    hardNanoUsd,
    wrapUpRatio,
    mode: added.mode ?? 'enforce',
    origins: Object.fromEntries(saidFields(added).map((field) => [field, layer.file])),
  };
  return { budget, findings: [] };
}

function saidFields(added: LayerBudget): string[] {
  const said: readonly (readonly [string, unknown])[] = [
    ['scope', added.scope],
    ['period', added.period],
    ['soft', added.softNanoUsd],
    ['hard', added.hardNanoUsd],
    ['wrapUp', added.wrapUpRatio],
    ['mode', added.mode],
  ];
  return said.filter(([, value]) => value !== undefined).map(([field]) => field);
}

function tighten(there: MergedBudget, added: LayerBudget, layer: Layer): Met {
  const findings: Finding[] = [];
  const refuse = (field: string, stays: string, hint: string) =>
    findings.push({
      file: layer.file,
      segments: [...added.segments, field],
      kind: 'refused',
      message: `"${field}" of the budget "${there.id}" stays ${stays}${setIn(there, field)}.`,
      hint,
    });
  for (const field of ['scope', 'period'] as const) {
    if (!differs(there, added, field)) continue;
    refuse(field, 'as it is', 'Use the same one, or give this budget an id of its own.');
    return { budget: there, findings };
  }
  const origins: Record<string, string> = { ...there.origins };
  /** The tighter of the two; a looser one is refused. `weight` grows with looseness. */
  const settle = <T>(
    field: string,
    now: T,
    next: T,
    weight: (value: T) => number,
    shown: string,
  ) => {
    if (next === undefined || weight(next) === weight(now)) return now;
    if (weight(next) > weight(now)) {
      refuse(
        field,
        `at ${shown}`,
        'Only the file that set it may loosen it; this one may tighten.',
      );
      return now;
    }
    origins[field] = layer.file;
    return next;
  };
  const { softNanoUsd: soft, hardNanoUsd: hard, wrapUpRatio: wrapUp, mode } = there;
  const budget = {
    ...there,
    softNanoUsd: settle('soft', soft, added.softNanoUsd, asLimit, shownLimit(soft, there)),
    hardNanoUsd: settle('hard', hard, added.hardNanoUsd, asLimit, shownLimit(hard, there)),
    wrapUpRatio: settle('wrapUp', wrapUp, added.wrapUpRatio, asShare, shownShare(wrapUp)),
    mode: settle<Mode | undefined>('mode', mode, added.mode, asMode, mode) ?? mode,
    origins,
  };
  return { budget, findings };
}

const asLimit = (limit: NanoUsd | undefined): number => limit ?? Number.POSITIVE_INFINITY;
const asShare = (share: number | null | undefined): number =>
  share === null ? Number.POSITIVE_INFINITY : (share ?? DEFAULT_WRAP_UP_RATIO);
const asMode = (mode: Mode | undefined): number => -MODE_RANK[mode ?? 'observe'];
const shownLimit = (limit: NanoUsd | undefined, budget: Pick<Budget, 'period'>): string =>
  limit === undefined ? 'unset' : limitText(limit, budget).replace('$', '');
const shownShare = (share: number | null | undefined): string =>
  share === null ? 'never' : String(share ?? DEFAULT_WRAP_UP_RATIO);

function setIn(there: MergedBudget, field: string): string {
  const file = there.origins[field];
  return file === undefined ? '' : `, set in ${file}`;
}

function differs(there: MergedBudget, added: LayerBudget, field: 'scope' | 'period'): boolean {
  if (field === 'period') {
    return added.period !== undefined && recipeKey(added.period) !== recipeKey(there.period);
  }
  if (added.scope === undefined) return false;
  return scopeText(canonicalScope(added.scope, there.period)) !== scopeText(there.scope);
}

const scopeText = (scope: Scope): string =>
  JSON.stringify([Object.entries(scope.where).sort(), scope.per]);

function recipeKey(recipe: PeriodRecipe | PeriodSpec): string {
  if (recipe.kind === 'plan') return `plan ${recipe.window}`;
  if (recipe.kind === 'session') return `session ${recipe.followChain}`;
  if (recipe.kind === 'dates') return `dates ${recipe.from} ${recipe.until}`;
  return recipe.kind === 'rolling' ? `rolling ${recipe.lengthMs}` : recipe.kind;
}

/** Windows of a session, turn or subagent are per session already; saying so twice is one scope. */
function canonicalScope(scope: Scope, period: { readonly kind: PeriodSpec['kind'] }): Scope {
  if (!['session', 'turn', 'subagent'].includes(period.kind)) return scope;
  return { where: scope.where, per: scope.per.filter((key) => key !== 'session') };
}

function inZone(recipe: PeriodRecipe, timeZone: string): PeriodSpec {
  switch (recipe.kind) {
    case 'day':
    case 'week':
    case 'month':
      return { kind: recipe.kind, timeZone };
    case 'dates':
      return { ...recipe, timeZone };
    default:
      return recipe;
  }
}

/** The budget as everybody else sees it: defaults filled in, the soft limit never above the hard one. */
export function finishedBudget(merged: MergedBudget): Budget {
  const { id, scope, period, mode } = merged;
  const hardNanoUsd = merged.hardNanoUsd ?? null;
  const soft = merged.softNanoUsd ?? null;
  const softNanoUsd = soft !== null && hardNanoUsd !== null ? Math.min(soft, hardNanoUsd) : soft;
  const share = merged.wrapUpRatio === undefined ? DEFAULT_WRAP_UP_RATIO : merged.wrapUpRatio;
  const wrapUpRatio = hardNanoUsd === null ? null : share;
  return { id, scope, period, softNanoUsd, wrapUpRatio, hardNanoUsd, mode };
}
