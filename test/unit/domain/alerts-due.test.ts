// Which alerts become due: thresholds, soft limits, halts and unknown models, each once.
import { describe, expect, test } from 'vitest';
import { type AlertInput, alertsDue } from '../../../src/domain/alerts-due.ts';
import type { Budget } from '../../../src/domain/budget.ts';
import type { Decision } from '../../../src/domain/decide.ts';
import { budgetId, sessionId } from '../../../src/domain/ids.ts';
import type { BudgetStatus } from '../../../src/domain/spend.ts';
import type { Breach, BreachCode } from '../../../src/domain/verdict.ts';

const session = sessionId('s1');
const status = (
  postedNanoUsd: number,
  budget: Partial<Budget> = {},
  more: Partial<BudgetStatus> = {},
): BudgetStatus => ({
  budget: {
    ...{ id: budgetId('team'), scope: { where: {}, per: [] }, mode: 'enforce' },
    ...{ period: { kind: 'day', timeZone: 'UTC' }, wrapUpRatio: null },
    ...{ softNanoUsd: 700, hardNanoUsd: 1_000, ...budget },
  },
  ...{ windowKey: 'w1', windowLabel: 'day 2026-11-21', window: { startAt: 0, endAt: 1 } },
  ...{ postedNanoUsd, inheritedNanoUsd: 0, reservedNanoUsd: 0, grantedNanoUsd: 0, announced: [] },
  ...more,
});
const figures = {
  ...{ budgetId: budgetId('team'), windowLabel: 'day 2026-11-21' },
  ...{ spendNanoUsd: 1_000, limitNanoUsd: 1_000 },
};
const breachOf = (code: 'SOFT_LIMIT_REACHED' | 'FORECAST_OVER_CEILING' | 'HARD_LIMIT_REACHED') =>
  ({
    ...{ code, ...figures, reservedNanoUsd: 0, ceilingNanoUsd: 1_000, forecastNanoUsd: 300 },
    ...(code === 'SOFT_LIMIT_REACHED' ? { limitNanoUsd: 700 } : {}),
  }) as const;
const decision = (more: Partial<Decision>): Decision => ({
  ...{ verdict: { kind: 'allow', breaches: [] }, due: [], reached: [] },
  ...{ haltRecord: null, reserveNanoUsd: 0, ...more },
});
const haltFor = (code: BreachCode, breaches: readonly Breach[], windowKey = 'w1') =>
  decision({
    verdict: { kind: 'halt', breaches },
    haltRecord: {
      ...{ sessionId: session, budgetId: budgetId('team'), windowKey, code, haltedAt: 1 },
      ...{ ceilingNanoUsd: 1_000, spendNanoUsd: 1_000, reason: null },
    },
  });
const softDue = decision({
  due: [{ windowKey: 'w1', stage: 'soft', breach: breachOf('SOFT_LIMIT_REACHED') }],
});

const look = (
  budgetStatuses: readonly BudgetStatus[],
  given: Decision | null = null,
  raised: readonly string[] = [],
  more: Partial<AlertInput> = {},
) =>
  alertsDue({
    ...{ sessionId: session, budgetStatuses, decision: given, thresholds: [1, 0.5, 0.8] },
    ...{ isRaised: (key) => raised.includes(key), readRequestCost: () => 30, ...more },
  });
const keys = (...given: Parameters<typeof look>) =>
  look(...given).due.map(({ onceKey }) => onceKey);

describe('a threshold', () => {
  test.each([
    [499, []],
    [500, ['THRESHOLD_REACHED|w1|0.5']],
    [799, ['THRESHOLD_REACHED|w1|0.5']],
    [800, ['THRESHOLD_REACHED|w1|0.8']],
    [1_000, ['THRESHOLD_REACHED|w1|1']],
    [5_000, ['THRESHOLD_REACHED|w1|1']],
  ])('%d spent of 1000', (posted, expected) => {
    expect(keys([status(posted)])).toEqual(expected);
  });

  test('tells the figures of its budget, what was inherited included', () => {
    expect(look([status(700, {}, { inheritedNanoUsd: 100, grantedNanoUsd: 400 })]).due).toEqual([
      {
        onceKey: 'THRESHOLD_REACHED|w1|0.5',
        alert: {
          ...{ code: 'THRESHOLD_REACHED', ratio: 0.5, budgetId: 'team' },
          ...{ windowLabel: 'day 2026-11-21', spendNanoUsd: 800, limitNanoUsd: 1_400 },
          requestsLeft: 20,
        },
        isSilent: false,
      },
    ]);
  });

  test('that was told, or a higher one, is not told again', () => {
    expect(keys([status(600)], null, ['THRESHOLD_REACHED|w1|0.5'])).toEqual([]);
    expect(keys([status(600)], null, ['THRESHOLD_REACHED|w1|1'])).toEqual([]);
    expect(keys([status(900)], null, ['THRESHOLD_REACHED|w1|0.5'])).toEqual([
      'THRESHOLD_REACHED|w1|0.8',
    ]);
    expect(keys([status(600)], null, ['THRESHOLD_REACHED|w2|0.5'])).toHaveLength(1);
  });

  test('is a share of the soft limit where there is no ceiling, and of nothing where there is no limit', () => {
    const { due } = look([status(350, { hardNanoUsd: null })]);
    expect(due).toMatchObject([{ alert: { ratio: 0.5, limitNanoUsd: 700 } }]);
    expect(keys([status(350, { hardNanoUsd: null, softNanoUsd: null })])).toEqual([]);
    expect(keys([status(350, { hardNanoUsd: 0 })])).toEqual([]);
  });

  test.each([
    [{ kind: 'turn' }, []],
    [{ kind: 'subagent' }, []],
    [{ kind: 'session', followChain: false }, ['THRESHOLD_REACHED|w1|0.5']],
  ] as const)('of a budget by %j', (period, expected) => {
    expect(keys([status(500, { period })])).toEqual(expected);
  });
});

describe('a decision', () => {
  test('that tells the soft limit raises it once, and the threshold in silence', () => {
    expect(look([status(1_000)], softDue).due).toEqual([
      {
        onceKey: 'SOFT_LIMIT_REACHED|w1',
        alert: { code: 'SOFT_LIMIT_REACHED', softNanoUsd: 700, ...figures, requestsLeft: 0 },
      },
      {
        onceKey: 'THRESHOLD_REACHED|w1|1',
        alert: { code: 'THRESHOLD_REACHED', ratio: 1, ...figures, requestsLeft: 0 },
        isSilent: true,
      },
    ]);
    const again = look([status(1_000)], softDue, ['SOFT_LIMIT_REACHED|w1']);
    expect(again.due).toMatchObject([{ onceKey: 'THRESHOLD_REACHED|w1|1', isSilent: false }]);
  });

  test('about another window, or another stage, raises nothing for this one', () => {
    expect(keys([status(100, {}, { windowKey: 'w2' })], softDue)).toEqual([]);
    const wrapUp = decision({ due: softDue.due.map((due) => ({ ...due, stage: 'wrapUp' })) });
    expect(keys([status(100)], wrapUp)).toEqual([]);
  });

  test('says nothing of the soft limit of a turn, and tells its halt', () => {
    const turn = status(1_000, { period: { kind: 'turn' } });
    expect(keys([turn], softDue)).toEqual([]);
    expect(keys([turn], haltFor('HARD_LIMIT_REACHED', []))).toEqual(['SESSION_HALTED|w1|1000']);
  });

  test.each([
    ['FORECAST_OVER_CEILING', 300],
    ['HARD_LIMIT_REACHED', 0],
  ] as const)('that halts by %s tells it in place of the soft limit', (code, forecastNanoUsd) => {
    const breaches = [breachOf('SOFT_LIMIT_REACHED'), breachOf(code)];
    const halt = { ...haltFor(code, breaches), due: softDue.due };
    const { due } = look([status(1_000)], halt);
    expect(due).toMatchObject([
      {
        onceKey: 'SESSION_HALTED|w1|1000',
        alert: { code: 'SESSION_HALTED', forecastNanoUsd, ...figures },
      },
      { onceKey: 'THRESHOLD_REACHED|w1|1', isSilent: true },
    ]);
    expect(keys([status(1_000)], halt, ['SESSION_HALTED|w1|1000'])).toEqual([
      'THRESHOLD_REACHED|w1|1',
    ]);
    // A grant makes it another halt.
    expect(
      keys([status(1_000, {}, { grantedNanoUsd: 5_000 })], halt, ['SESSION_HALTED|w1|1000']),
    ).toEqual(['SESSION_HALTED|w1|6000']);
  });

  test('that halts for another window says nothing of this one', () => {
    expect(keys([status(100)], haltFor('HARD_LIMIT_REACHED', [], 'w2'))).toEqual([]);
  });

  test('about a model without a price tells it once in a session', () => {
    const unknown: Breach = { code: 'UNKNOWN_MODEL', model: 'x-1', pricedAs: 'y-2' };
    const given = decision({ verdict: { kind: 'halt', breaches: [unknown] } });
    expect(look([], given).due).toEqual([
      { onceKey: 'UNKNOWN_MODEL|s1|x-1', alert: { code: 'UNKNOWN_MODEL', model: 'x-1' } },
    ]);
    expect(keys([], given, ['UNKNOWN_MODEL|s1|x-1'])).toEqual([]);
    expect(keys([], decision({}))).toEqual([]);
  });
});

describe('a moving window', () => {
  const period = { kind: 'rolling', lengthMs: 3_600_000 } as const;
  const raised = [
    ...['THRESHOLD_REACHED|w1|0.5', 'THRESHOLD_REACHED|w1|0.8', 'THRESHOLD_REACHED|w1|1'],
    ...['SOFT_LIMIT_REACHED|w1', 'SESSION_HALTED|w1|1000'],
  ];

  test.each([
    [900, []],
    [899, ['THRESHOLD_REACHED|w1|1', 'SESSION_HALTED|w1|1000']],
    [720, ['THRESHOLD_REACHED|w1|1', 'SESSION_HALTED|w1|1000']],
    [630, ['THRESHOLD_REACHED|w1|1', 'THRESHOLD_REACHED|w1|0.8', 'SESSION_HALTED|w1|1000']],
    [719, ['THRESHOLD_REACHED|w1|1', 'THRESHOLD_REACHED|w1|0.8', 'SESSION_HALTED|w1|1000']],
    [
      449,
      [
        'THRESHOLD_REACHED|w1|1',
        'THRESHOLD_REACHED|w1|0.5',
        'THRESHOLD_REACHED|w1|0.8',
        'SOFT_LIMIT_REACHED|w1',
        'SESSION_HALTED|w1|1000',
      ],
    ],
  ])('that holds %d leaves behind what it is a tenth below', (posted, expected) => {
    expect(look([status(posted, { period })], null, raised).passed).toEqual(expected);
  });

  test('without a soft limit has its soft alert at the ceiling', () => {
    const { passed } = look([status(899, { period, softNanoUsd: null })], null, raised);
    expect(passed).toContain('SOFT_LIMIT_REACHED|w1');
  });

  test('leaves behind only what was raised, and no other window leaves anything', () => {
    expect(look([status(0, { period })]).passed).toEqual([]);
    expect(look([status(0)], null, raised).passed).toEqual([]);
    expect(
      look([status(0, { period, softNanoUsd: null, hardNanoUsd: null })], null, raised).passed,
    ).toEqual([]);
  });
});
