// The first budgets `tollgate init` writes. Rule: a file that exists keeps its comments and everything else; only the
// budgets of these names and `billing` are set.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { applyEdits, modify, parse } from 'jsonc-parser';
import type { InstallScope } from '../agents/claude-code/install/install.ts';
import { userConfigFile } from '../config/paths.ts';
import { exactUsd, formatUsd, type NanoUsd, parseUsd } from '../domain/money.ts';
import { PLAN_UNITS, parseUnits, planWindowText, shareText } from '../domain/plan-window.ts';
import { places } from '../runtime/places.ts';
import { PROJECT_ADDRESS } from '../runtime/version.ts';

/** A budget of `init`; its id is its period, or its window of a plan. */
export type FirstBudget = MoneyBudget | PlanBudget;

export interface MoneyBudget {
  readonly period: 'session' | 'day';
  readonly softNanoUsd: NanoUsd;
  readonly hardNanoUsd: NanoUsd;
}

/** Limits in shares of a plan's window. */
export interface PlanBudget {
  readonly plan: 'five-hour' | 'seven-day';
  readonly softRatio: number;
  readonly hardRatio: number;
}

/** What `init` puts into the configuration. */
export interface FirstSettings {
  readonly budgets: readonly FirstBudget[];
  /** `null`: the file does not say how Claude Code is paid. */
  readonly billing: 'plan' | 'api' | null;
}

export interface PlannedBudget {
  /** `null`: there is no file yet. */
  readonly before: string | null;
  readonly after: string;
  readonly changed: boolean;
}

/** For editors: completion and checks while a person writes. */
const SCHEMA = `${PROJECT_ADDRESS}/schema/tollgate.schema.json`;

/** The configuration file that goes with a scope of settings. */
export function budgetFileOf(scope: InstallScope, root: string, env: NodeJS.ProcessEnv): string {
  if (scope === 'managed') return places.managedConfigFile;
  if (scope === 'user') return userConfigFile(env);
  return join(root, '.claude', scope === 'project' ? 'tollgate.json' : 'tollgate.local.json');
}

/** The file as it would be with these settings. */
export function planBudgets(file: string, settings: FirstSettings): PlannedBudget {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const after = before === null ? freshText(settings) : mergedText(before, settings);
  return { before, after, changed: before !== after };
}

export function writeBudgets(file: string, planned: PlannedBudget): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, planned.after);
}

/** Whether a file is still exactly as `init` wrote it. */
export function isUntouchedBudget(file: string): boolean {
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  const { billing, budgets } = (parse(text) ?? {}) as Record<string, unknown>;
  const found = (Array.isArray(budgets) ? budgets : []).flatMap(firstBudgetOf);
  const said = (['plan', 'api'] as const).find((each) => each === billing) ?? null;
  return found.length > 0 && text === freshText({ budgets: found, billing: said });
}

/** Removes the file when it is still exactly as `init` wrote it; true when it is gone. */
export function removeUntouchedBudget(file: string): boolean {
  if (!isUntouchedBudget(file)) return false;
  rmSync(file);
  return true;
}

function firstBudgetOf(written: Record<string, unknown>): FirstBudget[] {
  const { period, plan, soft, hard } = written;
  if (typeof soft !== 'string' || typeof hard !== 'string') return [];
  if (plan === 'five-hour' || plan === 'seven-day') {
    const [softUnits, hardUnits] = [parseUnits(soft), parseUnits(hard)];
    if (softUnits === null || hardUnits === null) return [];
    return [{ plan, softRatio: softUnits / PLAN_UNITS, hardRatio: hardUnits / PLAN_UNITS }];
  }
  const [softNanoUsd, hardNanoUsd] = [parseUsd(soft), parseUsd(hard)];
  if (softNanoUsd === null || hardNanoUsd === null) return [];
  return period === 'session' || period === 'day' ? [{ period, softNanoUsd, hardNanoUsd }] : [];
}

/** A budget as it is written. */
function writtenOf(budget: FirstBudget) {
  if ('plan' in budget) {
    const { plan, softRatio, hardRatio } = budget;
    return { id: plan, plan, soft: percentText(softRatio), hard: percentText(hardRatio) };
  }
  const { period, softNanoUsd, hardNanoUsd } = budget;
  return { id: period, period, soft: exactUsd(softNanoUsd), hard: exactUsd(hardNanoUsd) };
}

/** Exactly, as far as limits are read. */
const percentText = (ratio: number): string => `${Number((ratio * 100).toFixed(4))}%`;

function freshText({ budgets, billing }: FirstSettings): string {
  const items = budgets.map((budget) => {
    const fields = Object.entries(writtenOf(budget));
    return `    {\n${fields.map(([key, value]) => `      "${key}": "${value}"`).join(',\n')}\n    }`;
  });
  const paid = billing === null ? '' : `  "billing": "${billing}",\n`;
  return `{
  "$schema": "${SCHEMA}",
${paid}  // ${amountsOf(budgets)} are text. See the README for scopes, periods and modes.
  "budgets": [
${items.join(',\n')}
  ]
}
`;
}

const amountsOf = (budgets: readonly FirstBudget[]): string =>
  budgets.some((budget) => 'plan' in budget) ? 'Amounts' : 'Dollars';

function mergedText(before: string, { budgets, billing }: FirstSettings): string {
  const formattingOptions = {
    insertSpaces: true,
    tabSize: 2,
    eol: before.includes('\r\n') ? '\r\n' : '\n',
  };
  const set = (text: string, path: (string | number)[], value: unknown) =>
    applyEdits(text, modify(text, path, value, { formattingOptions }));
  const paid = billing === null ? before : set(before, ['billing'], billing);
  return budgets.reduce((text, budget) => {
    const written = parse(text) as { budgets?: { id?: unknown }[] } | undefined;
    const known = Array.isArray(written?.budgets) ? written.budgets : [];
    const wanted = writtenOf(budget);
    const found = known.findIndex(({ id }) => id === wanted.id);
    if (found < 0) return set(text, ['budgets'], [...known, wanted]);
    const softened = set(text, ['budgets', found, 'soft'], wanted.soft);
    return set(softened, ['budgets', found, 'hard'], wanted.hard);
  }, paid);
}

/** What a first budget means, as a sentence without its end. */
export function firstBudgetText(budget: FirstBudget): string {
  if ('plan' in budget) {
    const [soft, hard] = [shareText(budget.softRatio), shareText(budget.hardRatio)];
    return `Of the plan's ${planWindowText(budget.plan)} ${hard} may be used, and a warning comes at ${soft}; it halts until the window resets`;
  }
  const { period, hardNanoUsd, softNanoUsd } = budget;
  const who =
    period === 'session' ? 'Each session may spend' : 'All sessions of a day together may spend';
  const clear =
    period === 'session' ? '/clear begins a new session at zero' : '/clear does not reset it';
  return `${who} ${formatUsd(hardNanoUsd)}, and is warned at ${formatUsd(softNanoUsd)}; ${clear}`;
}
