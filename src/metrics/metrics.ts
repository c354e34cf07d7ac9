// Every metric, made from what the commands' own code has read. PURE. Rule: the number of series is bounded, and what is left out is told.
import type { Sums } from '../domain/aggregates.ts';
import { toUsdNumber } from '../domain/money.ts';
import type { PlanStanding, PlanWindowName } from '../domain/plan-window.ts';
import { type BudgetStatus, ceilingOf, spendOf } from '../domain/spend.ts';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';
import type { Table } from '../reports/table.ts';
import type { Metric, MetricLabels, MetricPoint } from './metric.ts';

/** Values of one label that are told by themselves, the dearest; the others are one. */
export const MAX_VALUES = 50;
/** Windows of budgets that are told, those with the least left first. */
const MAX_POOLS = 200;
const LONGEST_VALUE = 120;

/** What is read before. */
export interface MetricsInput {
  readonly version: string;
  readonly billing: 'plan' | 'api';
  readonly total: Sums;
  /** What was spent by each value of a label, with the rest as others. */
  readonly spend: readonly { readonly label: string; readonly table: Table }[];
  readonly budgetStatuses: readonly BudgetStatus[];
  readonly runningCount: number;
  readonly haltedCount: number;
  /** Halts of the last 24 hours, by their codes. */
  readonly halts: ReadonlyMap<string, number>;
  readonly plans: readonly PlanWindowFigures[];
}

interface PlanWindowFigures extends Pick<PlanStanding, 'basis' | 'errorRatio'> {
  readonly window: PlanWindowName;
  readonly usedRatio: number | null;
  readonly endAt: EpochMs;
}

/** The metrics; those without a point are left out. */
export function metricsOf(input: MetricsInput): readonly Metric[] {
  const { version, billing, runningCount, haltedCount, halts } = input;
  const pools = leastLeftFirst(input.budgetStatuses);
  const all: readonly Metric[] = [
    metric(
      'tollgate.info',
      '1',
      'Version, and how Claude Code is paid: dollars of a plan are list prices.',
      [{ labels: { version, billing }, value: 1 }],
    ),
    ...spendMetrics(input),
    ...budgetMetrics(pools.slice(0, MAX_POOLS)),
    metric(
      'tollgate.budget.dropped',
      '1',
      'Windows of budgets that are not told because there are too many.',
      [{ labels: {}, value: Math.max(0, pools.length - MAX_POOLS) }],
    ),
    metric('tollgate.sessions.running', '1', 'Sessions that run now.', [
      { labels: {}, value: runningCount },
    ]),
    metric('tollgate.sessions.halted', '1', 'Running sessions that a halt stands for.', [
      { labels: {}, value: haltedCount },
    ]),
    metric(
      ...(['tollgate.halts', '1', 'Halts within the last 24 hours, by their cause.'] as const),
      [...halts].map(([code, value]) => ({ labels: { code }, value })),
    ),
    ...planMetrics(input.plans),
  ];
  return all.filter(({ points }) => points.length > 0);
}

const metric = (
  name: string,
  unit: Metric['unit'],
  help: string,
  points: readonly MetricPoint[],
): Metric => ({ name, unit, help, points });

function spendMetrics({ total, spend }: MetricsInput): readonly Metric[] {
  const rows = spend.flatMap(({ label, table: { rows, others } }) => [
    ...rows.map((sums) => ({ labels: { label, value: shortened(sums.key[0] ?? '') }, sums })),
    ...(others === null ? [] : [{ labels: { label, value: '(others)' }, sums: others }]),
  ]);
  const points = (value: (sums: Sums) => number): readonly MetricPoint[] => [
    { labels: { label: 'total', value: '' }, value: value(total) },
    ...merged(rows.map(({ labels, sums }) => ({ labels, value: value(sums) }))),
  ];
  return [
    metric(
      'tollgate.spend',
      'USD',
      'Spent so far, by one label at a time; "total" is everything.',
      points(({ costNanoUsd }) => toUsdNumber(costNanoUsd)),
    ),
    metric(
      'tollgate.requests',
      '1',
      'Requests so far, by the same labels.',
      points(({ requestCount }) => requestCount),
    ),
  ];
}

function budgetMetrics(statuses: readonly BudgetStatus[]): readonly Metric[] {
  const dollars = statuses.filter(({ plan }) => plan === undefined);
  const known = statuses.filter(({ plan }) => plan?.basis !== 'unknown');
  const points = (
    of: readonly BudgetStatus[],
    value: (status: BudgetStatus) => number | null,
  ): readonly MetricPoint[] =>
    of.flatMap((status) => {
      const found = value(status);
      return found === null ? [] : [{ labels: budgetLabels(status), value: found }];
    });
  const usd = (nano: number | null) => (nano === null ? null : toUsdNumber(nano));
  return [
    metric(
      'tollgate.budget.spend',
      'USD',
      'Spent and held in the open window of a budget.',
      points(dollars, (each) => usd(spendOf(each))),
    ),
    metric(
      'tollgate.budget.held',
      'USD',
      'Of it held for requests under way.',
      points(dollars, (each) => usd(each.reservedNanoUsd)),
    ),
    metric(
      'tollgate.budget.ceiling',
      'USD',
      'Hard limit and grants of that window.',
      points(dollars, (each) => usd(ceilingOf(each))),
    ),
    metric(
      'tollgate.budget.used',
      '1',
      'Share of the ceiling that is used, also of a budget in a plan.',
      points(known, (each) => {
        const ceiling = ceilingOf(each);
        return ceiling === null || ceiling <= 0 ? null : spendOf(each) / ceiling;
      }),
    ),
  ];
}

/** A pool is named without its budget and without the instant its window began, so that the next window goes on in the same series. */
function budgetLabels({ budget, windowKey }: BudgetStatus): MetricLabels {
  const parts = windowKey
    .split('|')
    .slice(1)
    .filter((part) => !/^\d+$/.test(part));
  return {
    budget: budget.id,
    period: budget.period.kind,
    pool: shortened(parts.join('|')),
    mode: budget.mode,
  };
}

function planMetrics(plans: MetricsInput['plans']): readonly Metric[] {
  const known = plans.filter(({ usedRatio }) => usedRatio !== null);
  return [
    metric(
      'tollgate.plan.used',
      '1',
      "Share of the plan's window that is used; basis: read from Claude Code, or estimated since.",
      known.map(({ window, basis, usedRatio }) => ({
        labels: { window, basis },
        value: usedRatio ?? 0,
      })),
    ),
    metric(
      'tollgate.plan.error',
      '1',
      'How far that share may be off.',
      known.flatMap(({ window, errorRatio }) =>
        errorRatio === null ? [] : [{ labels: { window }, value: errorRatio }],
      ),
    ),
    metric(
      'tollgate.plan.reset',
      's',
      'When the window resets, in seconds since 1970.',
      known.map(({ window, endAt }) => ({ labels: { window }, value: endAt / SECOND_MS })),
    ),
  ];
}

/** One status for each pool, those with the least left first. */
function leastLeftFirst(statuses: readonly BudgetStatus[]): readonly BudgetStatus[] {
  const pools = new Map(statuses.map((each) => [each.windowKey, each]));
  const usedOf = (each: BudgetStatus) =>
    spendOf(each) / (ceilingOf(each) || Number.POSITIVE_INFINITY);
  return [...pools.values()].sort((a, b) => usedOf(b) - usedOf(a));
}

/** Values that are the same once they are cut are one series. */
function merged(points: readonly MetricPoint[]): readonly MetricPoint[] {
  const found = new Map<string, MetricPoint>();
  for (const { labels, value } of points) {
    const key = JSON.stringify(labels);
    found.set(key, { labels, value: value + (found.get(key)?.value ?? 0) });
  }
  return [...found.values()];
}

const shortened = (text: string): string =>
  text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
