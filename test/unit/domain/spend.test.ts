// What a budget has spent, and what is left of it.
import { expect, test } from 'vitest';
import { budgetId } from '../../../src/domain/ids.ts';
import { PLAN_UNITS, type PlanStanding } from '../../../src/domain/plan-window.ts';
import {
  type BudgetStatus,
  ceilingOf,
  fromRecorded,
  headroomOf,
  planFigures,
  planJson,
  recordedAmount,
  recordedFigures,
  spendOf,
  windowName,
} from '../../../src/domain/spend.ts';

const status = (hardNanoUsd: number | null, more: Partial<BudgetStatus> = {}): BudgetStatus => ({
  budget: {
    ...{ id: budgetId('team'), scope: { where: {}, per: [] }, period: { kind: 'turn' } },
    ...{ softNanoUsd: null, wrapUpRatio: null, hardNanoUsd, mode: 'enforce' },
  },
  ...{ windowKey: 'team', windowLabel: 'turn', window: { startAt: 0, endAt: 1 }, announced: [] },
  ...{ postedNanoUsd: 100, inheritedNanoUsd: 20, reservedNanoUsd: 3, grantedNanoUsd: 40 },
  ...more,
});

test('grants raise the ceiling; what is posted, inherited and held is spent', () => {
  expect(ceilingOf(status(200))).toBe(240);
  expect(spendOf(status(200))).toBe(123);
  expect(headroomOf(status(200))).toBe(117);
  expect(headroomOf(status(50))).toBe(-33);
});

test('without a hard limit there is no ceiling, whatever is granted', () => {
  expect([ceilingOf(status(null)), headroomOf(status(null))]).toEqual([null, null]);
});

test.each([
  ['turn', 'team (turn)'],
  ['team', 'team'],
  ['team of Ada', 'team of Ada'],
  ['teams', 'team (teams)'],
])('its window %j is called %j', (windowLabel, name) => {
  expect(windowName(status(null, { windowLabel }))).toBe(name);
});

const plan: PlanStanding = {
  ...{ window: 'five-hour', fullNanoUsd: 1_000, basis: 'estimate', errorRatio: 0.2 },
};

test('of a plan it is told by shares of the window', () => {
  const ofPlan = status(200, { plan, window: { startAt: 5, endAt: 9 } });
  expect(planFigures(ofPlan)).toEqual({ fullNanoUsd: 1_000 });
  expect(planJson(ofPlan)).toEqual({
    plan: {
      ...{ window: 'five-hour', usedRatio: 0.123, ceilingRatio: 0.24, basis: 'estimate' },
      ...{ errorRatio: 0.2, fullNanoUsd: 1_000, resetsAt: 9 },
    },
  });
});

test('nothing is told of a plan that nothing is known of', () => {
  const unknown = status(null, { plan: { ...plan, basis: 'unknown', errorRatio: null } });
  expect(planJson(unknown).plan).toMatchObject({
    ...{ usedRatio: null, ceilingRatio: null, errorRatio: null, fullNanoUsd: null },
  });
});

test('of money it is told in dollars, and in list prices where a plan covers them', () => {
  expect([planJson(status(200)), planFigures(status(200))]).toEqual([{}, {}]);
  expect(planFigures(status(200, { isListPrice: true }))).toEqual({ isListPrice: true });
});

test('what halts and grants keep of a plan is a share, whatever fills the window later', () => {
  const later = { plan: { ...plan, fullNanoUsd: 4_000 } };
  expect(recordedAmount(250, { plan })).toBe(PLAN_UNITS / 4);
  expect(fromRecorded(PLAN_UNITS / 4, later)).toBe(1_000);
  expect(recordedAmount(1, { plan: { ...plan, fullNanoUsd: 3 } })).toBe(333_333_333);
  expect(fromRecorded(333_333_333, { plan: { ...plan, fullNanoUsd: 3 } })).toBe(1);
  expect([recordedAmount(250, {}), recordedAmount(null, { plan }), fromRecorded(250, {})]).toEqual([
    ...[250, null, 250],
  ]);
});

test('the key of a window says whether what was kept is a share', () => {
  expect(recordedFigures('window|plan:five-hour 5')).toEqual({ fullNanoUsd: PLAN_UNITS });
  expect(recordedFigures('plan|day 2026-11-21')).toEqual({});
});
