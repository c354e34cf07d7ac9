// Whether budgets in the windows of a plan have something to go by. Rule: Claude Code's status line is the only source.
import {
  type PlanProblem,
  type PlanWindowName,
  planWindowText,
  shareText,
} from '../domain/plan-window.ts';
import { DAY_MS, type EpochMs, spanText } from '../domain/time.ts';
import type { PlanReading } from '../stores/store.ts';
import type { Check, PlanFacts } from './check.ts';
import type { Finding } from './findings.ts';

/** Since a reading of longer ago much may have been used elsewhere. */
const OLD_MS = DAY_MS;
/** So much of a window is no error of the estimate. */
const LEAST_ELSEWHERE = 0.05;

/** What keeps a share or a reset from being known; the others were read in spite of their form. */
const UNREADABLE: ReadonlySet<PlanProblem['code']> = new Set([
  ...(['WINDOW_UNKNOWN', 'SHARE_MISSING', 'SHARE_UNREADABLE'] as const),
  ...(['RESET_MISSING', 'RESET_UNREADABLE', 'RESET_PASSED', 'RESET_TOO_FAR'] as const),
]);

export const plan: Check = {
  name: 'plan',
  run: ({ now, readConfig, readPlan }) => {
    const budgets = readConfig().config.budgets.flatMap(({ id, period }) =>
      period.kind === 'plan' ? [{ id, window: period.window }] : [],
    );
    const facts = readPlan();
    const findings = [
      ...budgets.flatMap((budget) => budgetFindings(budget, facts, now)),
      ...facts.problems.flatMap(problemFinding),
      ...facts.readings.flatMap((reading) => elsewhereFinding(reading, now)),
    ];
    const count = facts.readings.length;
    return {
      summary:
        count === 0
          ? `Claude Code has told of no window, ${budgets.length} budgets are in one`
          : `windows told: ${count}, budgets in them: ${budgets.length}`,
      facts: { budgets, ...facts },
      findings,
    };
  },
};

function budgetFindings(
  { id, window }: { readonly id: string; readonly window: PlanWindowName },
  { readings }: PlanFacts,
  now: EpochMs,
): Finding[] {
  const newest = readings.find((each) => each.window === window);
  const values = { budget: id, window: planWindowText(window) };
  if (newest === undefined) return [{ code: 'PLAN_NOT_READ', values }];
  if (now - newest.readAt < OLD_MS) return [];
  const span = spanText(now - newest.readAt);
  const since =
    newest.rate === null ? 'and halts nothing until it is told again' : 'and is estimated since';
  return [{ code: 'PLAN_READING_OLD', values: { ...values, span, since } }];
}

function problemFinding({ code, detail }: PlanProblem): Finding[] {
  if (UNREADABLE.has(code)) return [{ code: 'PLAN_UNREADABLE', values: { detail, problem: code } }];
  return code === 'SHARE_WENT_BACK' ? [{ code: 'PLAN_MACHINES_DISAGREE', values: { detail } }] : [];
}

/** What was used of a window and not by sessions of this ledger. */
function elsewhereFinding(
  { window, endAt, usedRatio, spentNanoUsd, rate }: PlanReading,
  now: EpochMs,
): Finding[] {
  if (rate === null || endAt <= now) return [];
  const ownRatio = spentNanoUsd / rate.fullNanoUsd;
  const elsewhere = usedRatio - ownRatio;
  if (elsewhere < Math.max(LEAST_ELSEWHERE, 2 * rate.errorRatio * ownRatio)) return [];
  const values = { window: planWindowText(window), used: shareText(usedRatio) };
  return [{ code: 'PLAN_USED_ELSEWHERE', values: { ...values, elsewhere: shareText(elsewhere) } }];
}
