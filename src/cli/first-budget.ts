// The first budget `tollgate init` writes. Rule: a file that exists keeps its comments and everything else;
// only the budget named `session` is set.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { applyEdits, modify, parse } from 'jsonc-parser';
import type { InstallScope } from '../agents/claude-code/install/install.ts';
import { userConfigFile } from '../config/paths.ts';
import { exactUsd, type NanoUsd, parseUsd } from '../domain/money.ts';

export interface FirstBudget {
  readonly softNanoUsd: NanoUsd;
  readonly hardNanoUsd: NanoUsd;
}

export interface PlannedBudget {
  /** `null`: there is no file yet. */
  readonly before: string | null;
  readonly after: string;
  readonly changed: boolean;
}

const ID = 'session';

/** The configuration file that goes with a scope of settings. */
export function budgetFileOf(scope: InstallScope, root: string, env: NodeJS.ProcessEnv): string {
  if (scope === 'user') return userConfigFile(env);
  return join(root, '.claude', scope === 'project' ? 'tollgate.json' : 'tollgate.local.json');
}

export function planBudget(file: string, budget: FirstBudget): PlannedBudget {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const after = before === null ? freshText(budget) : mergedText(before, budget);
  return { before, after, changed: before !== after };
}

export function writeBudget(file: string, planned: PlannedBudget): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, planned.after);
}

/** Removes the file when it is still exactly as `init` wrote it; true when it is gone. */
export function removeUntouchedBudget(file: string): boolean {
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  const written = parse(text) as { budgets?: { soft?: unknown; hard?: unknown }[] } | undefined;
  const { soft, hard } = written?.budgets?.[0] ?? {};
  const softNanoUsd = typeof soft === 'string' ? parseUsd(soft) : null;
  const hardNanoUsd = typeof hard === 'string' ? parseUsd(hard) : null;
  if (softNanoUsd === null || hardNanoUsd === null) return false;
  if (text !== freshText({ softNanoUsd, hardNanoUsd })) return false;
  rmSync(file);
  return true;
}

function freshText(budget: FirstBudget): string {
  return `{
  // Dollars are text. See the README for scopes, periods and modes.
  "budgets": [
    {
      "id": "${ID}",
      "period": "session",
      "soft": "${exactUsd(budget.softNanoUsd)}",
      "hard": "${exactUsd(budget.hardNanoUsd)}"
    }
  ]
}
`;
}

function mergedText(before: string, budget: FirstBudget): string {
  const written = parse(before) as { budgets?: { id?: unknown }[] } | undefined;
  const budgets = Array.isArray(written?.budgets) ? written.budgets : [];
  const found = budgets.findIndex(({ id }) => id === ID);
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
  const fresh = { id: ID, period: 'session', soft, hard };
  return set(before, ['budgets'], [...budgets, fresh]);
}
