// What the check of a plan finds, by codes.
import { expect, test } from 'vitest';
import type { DoctorWorld, PlanFacts } from '../../../src/doctor/check.ts';
import { plan } from '../../../src/doctor/plan.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import type { PlanReading } from '../../../src/stores/store.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const HOUR = 3_600_000;

const reading = (more: Partial<PlanReading> = {}): PlanReading => ({
  ...{ window: 'five-hour', usedRatio: 0.5, resetsAt: NOW + HOUR, endAt: NOW + HOUR },
  ...{ readAt: NOW - 60_000, sessionId: sessionId('s'), hostTotalNanoUsd: null },
  ...{ spentNanoUsd: 5_000_000_000, rate: null, ...more },
});

function codesOf(facts: Partial<PlanFacts>, windows: readonly string[] = ['five-hour']) {
  const budgets = windows.map((window) => ({ id: window, period: { kind: 'plan', window } }));
  const world = {
    now: NOW,
    readConfig: () => ({ config: { budgets }, problems: [], files: [] }),
    readPlan: () => ({ readings: [], problems: [], ...facts }),
  } as unknown as DoctorWorld;
  const result = plan.run(world) as Awaited<ReturnType<typeof plan.run>>;
  return result.findings.map(({ code }) => code);
}

test('a budget without a reading, or with an old one', () => {
  expect(codesOf({}, [])).toEqual([]);
  expect(codesOf({})).toEqual(['PLAN_NOT_READ']);
  expect(codesOf({ readings: [reading()] })).toEqual([]);
  expect(codesOf({ readings: [reading({ readAt: NOW - 25 * HOUR, endAt: NOW - HOUR })] })).toEqual([
    'PLAN_READING_OLD',
  ]);
  expect(codesOf({ readings: [reading()] }, ['seven-day'])).toEqual(['PLAN_NOT_READ']);
});

test('what could not be read, a share that went back, and use elsewhere', () => {
  const problems = [
    { code: 'SHARE_UNREADABLE', detail: 'rate_limits.five_hour.used_percentage x' },
    { code: 'NUMBER_AS_TEXT', detail: 'rate_limits.five_hour.resets_at' },
    { code: 'SHARE_WENT_BACK', detail: 'five-hour from 30% to 20%' },
  ] as const;
  expect(codesOf({ problems }, [])).toEqual(['PLAN_UNREADABLE', 'PLAN_MACHINES_DISAGREE']);
  const full = (fullNanoUsd: number) => ({ fullNanoUsd, errorRatio: 0.05, sampleCount: 9 });
  const told = (fullNanoUsd: number) =>
    codesOf({ readings: [reading({ rate: full(fullNanoUsd) })] });
  // $5 of $10 is the half that is used; $5 of $20 is a quarter.
  expect(told(10_000_000_000)).toEqual([]);
  expect(told(20_000_000_000)).toEqual(['PLAN_USED_ELSEWHERE']);
});
