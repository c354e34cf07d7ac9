// What a budget has spent, and what is left of it.
import { expect, test } from 'vitest';
import { budgetId } from '../../../src/domain/ids.ts';
import {
  type BudgetStatus,
  ceilingOf,
  headroomOf,
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
