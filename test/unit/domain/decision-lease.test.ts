// A decision lease, case by case: the amounts it is issued with, and when it ends.
import { describe, expect, test } from 'vitest';
import type { Budget } from '../../../src/domain/budget.ts';
import {
  type DecisionLease,
  type LeaseUse,
  leaseHolds,
  leaseLimits,
} from '../../../src/domain/decision-lease.ts';
import { budgetId, entryId, sessionId, turnId } from '../../../src/domain/ids.ts';
import type { BudgetStatus } from '../../../src/domain/spend.ts';

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;
const budgetStatus = (
  budget: Partial<Budget>,
  fields: Partial<BudgetStatus> = {},
): BudgetStatus => ({
  budget: {
    id: budgetId('session'),
    scope: { where: {}, per: [] },
    period: { kind: 'session', followChain: false },
    ...{ softNanoUsd: null, wrapUpRatio: null, hardNanoUsd: null, mode: 'enforce', ...budget },
  },
  windowKey: 'session|session s1',
  windowLabel: 'session',
  window: { startAt: 0, endAt: Number.POSITIVE_INFINITY },
  ...{ postedNanoUsd: 100, inheritedNanoUsd: 0, reservedNanoUsd: 0, grantedNanoUsd: 0 },
  announced: [],
  ...fields,
});

describe('the limits of a lease', () => {
  test('without budgets are none, for ten minutes', () => {
    const limits = {
      untilStageNanoUsd: Number.MAX_SAFE_INTEGER,
      ceilings: [],
      expiresAt: NOW + 10 * MINUTE,
    };
    expect(leaseLimits([], NOW)).toEqual(limits);
    expect(leaseLimits([budgetStatus({})], NOW)).toEqual(limits);
  });

  test('ends at the first stage of any budget, whatever its mode', () => {
    const soft = budgetStatus({ softNanoUsd: 600, hardNanoUsd: 900 });
    const watched = budgetStatus({ hardNanoUsd: 500, wrapUpRatio: 0.9, mode: 'observe' });
    expect(leaseLimits([soft], NOW)?.untilStageNanoUsd).toBe(500);
    expect(leaseLimits([soft, watched], NOW)).toMatchObject({
      untilStageNanoUsd: 350,
      ceilings: [
        { ceilingNanoUsd: 900, headroomNanoUsd: 800 },
        { ceilingNanoUsd: 500, headroomNanoUsd: 400 },
      ],
    });
  });

  test('counts what was inherited, and no grant: that may end first', () => {
    const granted = budgetStatus(
      { hardNanoUsd: 900 },
      { grantedNanoUsd: 5_000, inheritedNanoUsd: 50 },
    );
    expect(leaseLimits([granted], NOW)?.ceilings).toEqual([
      { ceilingNanoUsd: 900, headroomNanoUsd: 750 },
    ]);
  });

  test('ends with the first window, and before one that is still to begin', () => {
    const until = (startAt: number, endAt: number) =>
      leaseLimits([budgetStatus({}, { window: { startAt, endAt } }), budgetStatus({})], NOW)
        ?.expiresAt;
    expect(until(0, NOW + MINUTE)).toBe(NOW + MINUTE);
    expect(until(0, NOW + 60 * MINUTE)).toBe(NOW + 10 * MINUTE);
    expect(until(NOW + 1, NOW + MINUTE)).toBeUndefined();
  });

  test('are none where a stage was announced: it may have to be withdrawn, or said to the model', () => {
    expect(leaseLimits([budgetStatus({}, { announced: ['soft'] })], NOW)).toBeNull();
  });
});

describe('a lease', () => {
  const lease: DecisionLease = {
    ...{ issuedAt: NOW, expiresAt: NOW + MINUTE, model: 'claude-opus-4-7', turnId: turnId('t1') },
    chain: [sessionId('s1')],
    inheritedNanoUsd: 0,
    position: { seq: 7, entryId: entryId('msg_7') },
    untilStageNanoUsd: 500,
    ceilings: [{ ceilingNanoUsd: 1_000, headroomNanoUsd: 900 }],
  };
  const asked = (fields: Partial<LeaseUse> = {}): LeaseUse => ({
    ...{ now: NOW, turnId: turnId('t1'), model: 'claude-opus-4-7', inheritedNanoUsd: 0 },
    ...{ addedNanoUsd: 0, reservedNanoUsd: 0, nextRequestUpperBoundNanoUsd: () => 100 },
    ...fields,
  });

  test.each<[string, Partial<LeaseUse>, boolean]>([
    ['holds', {}, true],
    ['holds until it ends', { now: NOW + MINUTE - 1 }, true],
    ['ends with its time', { now: NOW + MINUTE }, false],
    ['ends when the clock jumps back', { now: NOW - 1 }, false],
    ['ends with the turn', { turnId: turnId('t2') }, false],
    ['ends where no turn is named', { turnId: null }, false],
    ['ends with another model', { model: 'claude-haiku-4-5' }, false],
    ['ends with what a fork turns out to have taken over', { inheritedNanoUsd: 1 }, false],
    ['holds below the first stage', { addedNanoUsd: 499 }, true],
    ['ends at it', { addedNanoUsd: 500 }, false],
    ['holds while twice the next request fits', { nextRequestUpperBoundNanoUsd: () => 450 }, true],
    ['ends where it does not', { nextRequestUpperBoundNanoUsd: () => 451 }, false],
    ['counts what is held twice', { reservedNanoUsd: 350 }, true],
    ['ends where too much is held', { reservedNanoUsd: 351 }, false],
  ])('%s', (_, fields, expected) => {
    expect(leaseHolds(lease, asked(fields))).toBe(expected);
  });

  test('asks for the next request under each ceiling', () => {
    const ceilings = [
      { ceilingNanoUsd: 1_000, headroomNanoUsd: 900 },
      { ceilingNanoUsd: 9_000, headroomNanoUsd: 5_000 },
    ];
    const share = (ratio: number) =>
      leaseHolds(
        { ...lease, ceilings },
        asked({ nextRequestUpperBoundNanoUsd: (ceiling) => ceiling * ratio }),
      );
    expect(share(0.27)).toBe(true);
    expect(share(0.28)).toBe(false);
  });
});
