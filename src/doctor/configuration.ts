// Whether the configuration is valid, and what each budget comes to.
import type { ConfigProblem } from '../config/config.ts';
import { type Budget, limitText } from '../domain/budget.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Check } from './check.ts';
import type { Finding } from './findings.ts';

export const configuration: Check = {
  name: 'configuration',
  run: ({ readConfig }) => {
    const { config, problems, files } = readConfig();
    const { budgets } = config;
    const findings: Finding[] = problems.map(findingOf);
    const hasMistake = problems.some(({ kind }) => kind === 'mistake');
    if (budgets.length === 0 && !hasMistake) findings.push({ code: 'NO_BUDGET' });
    for (const budget of budgets) {
      const reason = whyHarmless(budget);
      if (reason !== null) {
        findings.push({ code: 'BUDGET_NOT_ENFORCED', values: { budget: budget.id, reason } });
      }
    }
    return {
      summary: budgets.map(amountsOf).join('; ') || 'no budget',
      facts: {
        files: files.filter(({ present }) => present).map(({ file }) => file),
        budgets: budgets.map(({ id, period, mode, softNanoUsd, hardNanoUsd }) => ({
          ...{ budgetId: id, period: period.kind, mode, softNanoUsd, hardNanoUsd },
        })),
      },
      findings,
    };
  },
};

function findingOf({ kind, file, path, at, message, hint }: ConfigProblem): Finding {
  const line = at === null ? '' : `:${at.line}:${at.column}`;
  const place = `${file}${line}${path ? ` ${path}` : ''}`;
  return {
    code: kind === 'mistake' ? 'CONFIG_MISTAKE' : 'CONFIG_REFUSED',
    path: file,
    values: { place, message, remedy: hint },
  };
}

function whyHarmless({ mode, hardNanoUsd }: Budget): string | null {
  if (mode !== 'enforce') return `its mode is ${mode}`;
  return hardNanoUsd === null ? 'it has no hard limit' : null;
}

/** `day: warned at $20, halted at $25`. */
function amountsOf(budget: Budget): string {
  const { id, mode } = budget;
  const part = (verb: string, limit: NanoUsd | null) =>
    limit === null ? '' : `${verb} ${limitText(limit, budget)}`;
  const parts = [
    part('warned at', budget.softNanoUsd),
    part(mode === 'enforce' ? 'halted at' : 'would halt at', budget.hardNanoUsd),
  ].filter(Boolean);
  return `${id}: ${parts.join(', ') || 'metered only'}`;
}
