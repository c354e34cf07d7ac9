// The first budgets `tollgate init` writes. Rule: a file that exists keeps its comments and everything else; only the
// budgets named `session` and `day` are set.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { applyEdits, modify, parse } from 'jsonc-parser';
import type { InstallScope } from '../agents/claude-code/install/install.ts';
import { userConfigFile } from '../config/paths.ts';
import { exactUsd, type NanoUsd, parseUsd } from '../domain/money.ts';
import { places } from '../runtime/places.ts';
import { PROJECT_ADDRESS } from '../runtime/version.ts';

/** A budget of `init`; its id is its period. */
export interface FirstBudget {
  readonly period: 'session' | 'day';
  readonly softNanoUsd: NanoUsd;
  readonly hardNanoUsd: NanoUsd;
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

/** The file as it would be with these budgets. */
export function planBudgets(file: string, budgets: readonly FirstBudget[]): PlannedBudget {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const after = before === null ? freshText(budgets) : budgets.reduce(mergedText, before);
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
  const written = parse(text) as { budgets?: Record<string, unknown>[] } | undefined;
  const budgets = (Array.isArray(written?.budgets) ? written.budgets : []).flatMap(firstBudgetOf);
  return budgets.length > 0 && text === freshText(budgets);
}

/** Removes the file when it is still exactly as `init` wrote it; true when it is gone. */
export function removeUntouchedBudget(file: string): boolean {
  if (!isUntouchedBudget(file)) return false;
  rmSync(file);
  return true;
}

function firstBudgetOf({ period, soft, hard }: Record<string, unknown>): FirstBudget[] {
  const softNanoUsd = typeof soft === 'string' ? parseUsd(soft) : null;
  const hardNanoUsd = typeof hard === 'string' ? parseUsd(hard) : null;
  if (softNanoUsd === null || hardNanoUsd === null) return [];
  return period === 'session' || period === 'day' ? [{ period, softNanoUsd, hardNanoUsd }] : [];
}

function freshText(budgets: readonly FirstBudget[]): string {
  const items = budgets.map(
    ({ period, softNanoUsd, hardNanoUsd }) => `    {
      "id": "${period}",
      "period": "${period}",
      "soft": "${exactUsd(softNanoUsd)}",
      "hard": "${exactUsd(hardNanoUsd)}"
    }`,
  );
  return `{
  "$schema": "${SCHEMA}",
  // Dollars are text. See the README for scopes, periods and modes.
  "budgets": [
${items.join(',\n')}
  ]
}
`;
}

function mergedText(before: string, budget: FirstBudget): string {
  const written = parse(before) as { budgets?: { id?: unknown }[] } | undefined;
  const budgets = Array.isArray(written?.budgets) ? written.budgets : [];
  const { period } = budget;
  const found = budgets.findIndex(({ id }) => id === period);
  const formattingOptions = {
    insertSpaces: true,
    tabSize: 2,
    eol: before.includes('\r\n') ? '\r\n' : '\n',
  };
  const set = (text: string, path: (string | number)[], value: unknown) =>
    applyEdits(text, modify(text, path, value, { formattingOptions }));
  const soft = exactUsd(budget.softNanoUsd);
  const hard = exactUsd(budget.hardNanoUsd);
  if (found >= 0) {
    return set(set(before, ['budgets', found, 'soft'], soft), ['budgets', found, 'hard'], hard);
  }
  return set(before, ['budgets'], [...budgets, { id: period, period, soft, hard }]);
}
