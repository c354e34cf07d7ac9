// Which alerts become due with a decision. PURE. Rule: each once in a window; of the thresholds that were crossed since the last look, the
// highest is told.
import type { Alert, BudgetFigures, DueAlert } from '../alerts/alert.ts';
import { requestsLeft } from './burn-rate.ts';
import type { Decision } from './decide.ts';
import type { SessionId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import {
  type BudgetStatus,
  ceilingOf,
  headroomOf,
  planFigures,
  postedOf,
  type Stage,
} from './spend.ts';

/** A moving window has left a limit behind when it holds so much less than it. */
export const WITHDRAWN_BELOW_RATIO = 0.9;

/** What alerts are made from. */
export interface AlertInput {
  readonly sessionId: SessionId;
  readonly budgetStatuses: readonly BudgetStatus[];
  /** `null` where nothing is decided, at the end of a turn. */
  readonly decision: Decision | null;
  /** Shares of a limit, in any order. */
  readonly thresholds: readonly number[];
  /** Whether an alert with this key has been raised. */
  readonly isRaised: (onceKey: string) => boolean;
  /** What a request of whoever spends is expected to cost; asked for when something is due. `null`: not known. */
  readonly readRequestCost: () => NanoUsd | null;
}

/** What has become due, and what a moving window has left behind so that it may come again. */
export interface AlertsDue {
  readonly due: readonly DueAlert[];
  /** Keys of alerts to re-arm. */
  readonly passed: readonly string[];
}

/** The alerts that became due. Turns and subagents are too short for thresholds: a turn's halt is told, and nothing before. */
export function alertsDue(input: AlertInput): AlertsDue {
  const statuses = input.budgetStatuses.filter(isLasting);
  const decided = input.budgetStatuses.flatMap((status) => decidedAlerts(status, input));
  const isSaid = (status: BudgetStatus) =>
    decided.some(({ windowKey }) => windowKey === status.windowKey);
  const thresholds = statuses.flatMap((status) => {
    const due = thresholdAlert(status, input);
    return due === null ? [] : [{ ...due, isSilent: isSaid(status) }];
  });
  return {
    due: [...decided.map(({ due }) => due), ...thresholds, ...unknownModelAlert(input)],
    passed: statuses.flatMap((status) => passedKeys(status, input)),
  };
}

/** Whether a budget's window is long enough to be told of before its halt. */
export const isLasting = ({ budget }: BudgetStatus): boolean =>
  budget.period.kind !== 'turn' && budget.period.kind !== 'subagent';

/** What a threshold is a share of; `null` where the budget has no limit. */
const limitOf = (status: BudgetStatus): NanoUsd | null =>
  ceilingOf(status) ?? status.budget.softNanoUsd;

function figuresOf(status: BudgetStatus, { readRequestCost }: AlertInput): BudgetFigures {
  return {
    budgetId: status.budget.id,
    windowLabel: status.windowLabel,
    spendNanoUsd: postedOf(status),
    limitNanoUsd: limitOf(status) ?? 0,
    requestsLeft: requestsLeft(headroomOf(status), readRequestCost()),
    ...planFigures(status),
  };
}

const onceKeyOf = (code: Alert['code'], ...of: readonly (string | number)[]): string =>
  [code, ...of].join('|');

const thresholdKey = (status: BudgetStatus, ratio: number): string =>
  onceKeyOf('THRESHOLD_REACHED', status.windowKey, ratio);

/** The highest threshold that is crossed; `null` where it, or a higher one, was told in this window. */
function thresholdAlert(status: BudgetStatus, input: AlertInput): DueAlert | null {
  const limit = limitOf(status);
  if (limit === null || limit <= 0) return null;
  const ordered = [...input.thresholds].sort((a, b) => a - b);
  const crossed = ordered.filter((ratio) => postedOf(status) >= limit * ratio);
  const ratio = crossed.at(-1);
  if (ratio === undefined) return null;
  const same = ordered.filter((each) => each >= ratio).map((each) => thresholdKey(status, each));
  if (same.some(input.isRaised)) return null;
  return {
    alert: { code: 'THRESHOLD_REACHED', ratio, ...figuresOf(status, input) },
    onceKey: thresholdKey(status, ratio),
  };
}

/** The halt and the soft limit of one budget, as the decision has them; a halt says both. */
function decidedAlerts(
  status: BudgetStatus,
  input: AlertInput,
): { readonly windowKey: string; readonly due: DueAlert }[] {
  const { decision, isRaised } = input;
  const { windowKey } = status;
  const stageOf = (stage: Stage) =>
    decision?.due.find((each) => each.windowKey === windowKey && each.stage === stage);
  const halted = decision?.haltRecord?.windowKey === windowKey;
  const soft = stageOf('soft')?.breach;
  const found: DueAlert[] = [];
  if (halted) {
    const code = decision.haltRecord?.code;
    const breach = decision.verdict.breaches.find((each) => each.code === code);
    const forecastNanoUsd = breach?.code === 'FORECAST_OVER_CEILING' ? breach.forecastNanoUsd : 0;
    const alert: Alert = { code: 'SESSION_HALTED', forecastNanoUsd, ...figuresOf(status, input) };
    found.push({ alert, onceKey: onceKeyOf(alert.code, windowKey, alert.limitNanoUsd) });
  } else if (soft?.code === 'SOFT_LIMIT_REACHED' && isLasting(status)) {
    const softNanoUsd = soft.limitNanoUsd;
    const alert: Alert = { code: 'SOFT_LIMIT_REACHED', softNanoUsd, ...figuresOf(status, input) };
    found.push({ alert, onceKey: onceKeyOf(alert.code, windowKey) });
  }
  return found.flatMap((due) => (isRaised(due.onceKey) ? [] : [{ windowKey, due }]));
}

function unknownModelAlert({ decision, sessionId, isRaised }: AlertInput): DueAlert[] {
  const breach = decision?.verdict.breaches.find(({ code }) => code === 'UNKNOWN_MODEL');
  if (breach?.code !== 'UNKNOWN_MODEL') return [];
  const onceKey = onceKeyOf('UNKNOWN_MODEL', sessionId, breach.model);
  if (isRaised(onceKey)) return [];
  return [{ alert: { code: 'UNKNOWN_MODEL', model: breach.model }, onceKey }];
}

/** A moving window has no end that would re-arm its alerts: what it has clearly left behind may come again. */
function passedKeys(status: BudgetStatus, { thresholds, isRaised }: AlertInput): string[] {
  const limit = limitOf(status);
  if (status.budget.period.kind !== 'rolling' || limit === null) return [];
  const { softNanoUsd } = status.budget;
  const { windowKey } = status;
  const amounts: (readonly [string, NanoUsd])[] = [
    ...thresholds.map((ratio) => [thresholdKey(status, ratio), limit * ratio] as const),
    [onceKeyOf('SOFT_LIMIT_REACHED', windowKey), softNanoUsd ?? limit],
    [onceKeyOf('SESSION_HALTED', windowKey, limit), limit],
  ];
  return amounts
    .filter(([, amount]) => postedOf(status) < amount * WITHDRAWN_BELOW_RATIO)
    .map(([key]) => key)
    .filter(isRaised);
}
