// The one decision, case by case: codes, stages, the tightest budget, latches, spawns and compactions.
import { describe, expect, test } from 'vitest';
import type { BreakerTrip } from '../../../src/domain/breaker-trip.ts';
import type { Budget } from '../../../src/domain/budget.ts';
import { type DecideInput, decide } from '../../../src/domain/decide.ts';
import { budgetId, sessionId } from '../../../src/domain/ids.ts';
import type { BudgetStatus } from '../../../src/domain/spend.ts';
import type { HaltRecord } from '../../../src/domain/verdict.ts';

const session = sessionId('s1');
const budget = (fields: Partial<Budget> = {}): Budget => ({
  id: budgetId('session'),
  scope: { where: {}, per: [] },
  period: { kind: 'session', followChain: false },
  softNanoUsd: 500,
  wrapUpRatio: 0.9,
  hardNanoUsd: 1_000,
  mode: 'enforce',
  ...fields,
});
const budgetStatus = (postedNanoUsd: number, fields: Partial<BudgetStatus> = {}): BudgetStatus => ({
  budget: budget(),
  windowKey: 'session|session s1',
  windowLabel: 'session',
  window: { startAt: 0, endAt: Number.POSITIVE_INFINITY },
  postedNanoUsd,
  inheritedNanoUsd: 0,
  reservedNanoUsd: 0,
  grantedNanoUsd: 0,
  announced: [],
  ...fields,
});
const ask = (budgetStatuses: readonly BudgetStatus[], fields: Partial<DecideInput> = {}) =>
  decide({
    now: 1,
    sessionId: session,
    budgetStatuses,
    forecastNanoUsd: 0,
    haltRecord: null,
    unknownModel: null,
    spawn: null,
    ...fields,
  });
const codes = (decision: ReturnType<typeof decide>) =>
  decision.verdict.breaches.map(({ code }) => code);

describe('stages', () => {
  test.each([
    [499, 'allow', []],
    [500, 'warn', ['SOFT_LIMIT_REACHED']],
    [899, 'warn', ['SOFT_LIMIT_REACHED']],
    [900, 'warn', ['SOFT_LIMIT_REACHED', 'WRAP_UP_DUE']],
    [999, 'warn', ['SOFT_LIMIT_REACHED', 'WRAP_UP_DUE']],
    [1_000, 'halt', ['SOFT_LIMIT_REACHED', 'HARD_LIMIT_REACHED']],
  ])('%d of 1000 is %s', (posted, kind, expected) => {
    const decision = ask([budgetStatus(posted)]);
    expect(decision.verdict.kind).toBe(kind);
    expect(codes(decision)).toEqual(expected);
  });

  test.each([
    [350, 150, 'allow', []],
    [400, 150, 'allow', []],
    [401, 150, 'warn', ['SOFT_LIMIT_REACHED']],
    [100, 400, 'allow', []],
    [101, 400, 'warn', ['SOFT_LIMIT_REACHED']],
    [400, 601, 'halt', ['FORECAST_OVER_CEILING']],
  ])('below the soft limit, %d spent and a forecast of %d: %s', (posted, need, kind, expected) => {
    const decision = ask([budgetStatus(posted)], { forecastNanoUsd: need });
    expect(decision.verdict.kind).toBe(kind);
    expect(codes(decision)).toEqual(expected);
  });

  test('without a soft limit people are warned before the ceiling as well', () => {
    const decision = ask([budgetStatus(600, { budget: budget({ softNanoUsd: null }) })], {
      forecastNanoUsd: 200,
    });
    expect(decision.verdict.breaches).toMatchObject([
      { code: 'SOFT_LIMIT_REACHED', spendNanoUsd: 600, limitNanoUsd: 1_000, forecastNanoUsd: 200 },
    ]);
  });

  test('what was announced is not said again, and a halt still halts', () => {
    const announced = ['soft', 'wrapUp'] as const;
    expect(ask([budgetStatus(950, { announced })]).verdict).toEqual({
      kind: 'allow',
      breaches: [],
    });
    const halt = ask([budgetStatus(1_000, { announced: [...announced, 'hard'] })]);
    expect(halt.verdict.kind).toBe('halt');
    expect(halt.due).toEqual([]);
    expect(halt.haltRecord).toMatchObject({ code: 'HARD_LIMIT_REACHED', ceilingNanoUsd: 1_000 });
  });

  test('the model is told to finish while there is room for one request more', () => {
    const decision = ask([budgetStatus(800, { announced: ['soft'] })], { forecastNanoUsd: 150 });
    expect(codes(decision)).toEqual(['WRAP_UP_DUE']);
    expect(decision.reserveNanoUsd).toBe(150);
    // A forecast that knows little asks for much; nobody who has hardly begun is told to finish.
    expect(codes(ask([budgetStatus(400)], { forecastNanoUsd: 350 }))).toEqual([
      'SOFT_LIMIT_REACHED',
    ]);
  });

  test('without a soft or a hard limit there is nothing to reach', () => {
    const open = budget({ softNanoUsd: null, hardNanoUsd: null, wrapUpRatio: null });
    expect(
      ask([budgetStatus(9_999, { budget: open })], { forecastNanoUsd: 9_999 }).verdict.kind,
    ).toBe('allow');
  });
});

describe('the one comparison', () => {
  test('spent + reserved + forecast may reach the ceiling, and not go over it', () => {
    const at = (forecastNanoUsd: number) =>
      ask([budgetStatus(300, { reservedNanoUsd: 200 })], { forecastNanoUsd }).verdict.kind;
    expect(at(500)).not.toBe('halt');
    expect(at(501)).toBe('halt');
  });

  test('grants raise the ceiling, what was inherited fills it', () => {
    const fields = { grantedNanoUsd: 100, inheritedNanoUsd: 100 };
    expect(ask([budgetStatus(1_000, { ...fields, announced: ['soft'] })]).verdict.kind).toBe(
      'halt',
    );
    expect(ask([budgetStatus(999, { ...fields, announced: ['soft'] })]).verdict.kind).toBe('warn');
  });

  test('before a tool what others hold says nothing, except to a spawn', () => {
    const crowded = budgetStatus(100, { reservedNanoUsd: 900 });
    const input = { forecastNanoUsd: 10, isAlone: true };
    expect(ask([crowded], input).verdict.kind).toBe('allow');
    const spawn = { tool: 'Agent', requiredNanoUsd: 1, parentNanoUsd: 0, fanOut: null };
    expect(codes(ask([crowded], { ...input, spawn }))).toEqual(['SPAWN_OVER_HEADROOM']);
  });

  test('the tightest budget is the one that a halt names', () => {
    const day = budgetStatus(1_990, {
      budget: budget({ id: budgetId('day'), hardNanoUsd: 2_000, softNanoUsd: null }),
      windowKey: 'day',
    });
    const both = ask([budgetStatus(900), day], { forecastNanoUsd: 150 });
    expect(both.haltRecord?.budgetId).toBe('day');
  });
});

describe('modes', () => {
  test('observe writes down what it would have done', () => {
    const watched = budgetStatus(1_200, { budget: budget({ mode: 'observe' }) });
    const decision = ask([watched]);
    expect(decision.verdict).toEqual({ kind: 'allow', breaches: [] });
    expect(decision.due.map(({ stage }) => stage)).toEqual(['soft', 'hard']);
    expect(decision.haltRecord).toBeNull();
  });

  test('warn says it once', () => {
    const warned = budget({ mode: 'warn' });
    expect(ask([budgetStatus(1_200, { budget: warned })]).verdict.kind).toBe('warn');
    const told = budgetStatus(1_200, { budget: warned, announced: ['soft', 'hard'] });
    expect(ask([told]).verdict.kind).toBe('allow');
  });
});

describe('halts that stay', () => {
  const haltRecord: HaltRecord = {
    sessionId: session,
    budgetId: budgetId('session'),
    windowKey: 'session|session s1',
    code: 'FORECAST_OVER_CEILING',
    haltedAt: 7,
    ceilingNanoUsd: 1_000,
    spendNanoUsd: 980,
    reason: null,
  };

  test('are told with the figures of now', () => {
    const decision = ask([budgetStatus(990)], { haltRecord });
    expect(decision.verdict).toEqual({
      kind: 'halt',
      breaches: [
        {
          code: 'HALTED_BEFORE',
          haltedAt: 7,
          budgetId: 'session',
          spendNanoUsd: 990,
          limitNanoUsd: 1_000,
        },
      ],
    });
    expect(decision).toMatchObject({ due: [], haltRecord: null, reserveNanoUsd: 0 });
  });

  test('a subagent over its own ceiling leaves none', () => {
    const child = budgetStatus(1_000, { budget: budget({ period: { kind: 'subagent' } }) });
    expect(ask([child])).toMatchObject({ verdict: { kind: 'halt' }, haltRecord: null });
  });

  test('a model without a price halts where that is wanted', () => {
    const unknownModel = { model: 'x', pricedAs: 'y' };
    expect(codes(ask([budgetStatus(1)], { unknownModel }))).toEqual(['UNKNOWN_MODEL']);
  });
});

describe('spawns and compactions', () => {
  const spawn = { tool: 'Agent', requiredNanoUsd: 300, parentNanoUsd: 100, fanOut: null };

  test('a spawn needs room for its start and its parent', () => {
    expect(ask([budgetStatus(400)], { spawn }).verdict.kind).toBe('allow');
    expect(ask([budgetStatus(700, { announced: ['soft'] })], { spawn }).verdict).toMatchObject({
      kind: 'deny',
      breaches: [{ code: 'SPAWN_OVER_HEADROOM', tool: 'Agent', forecastNanoUsd: 300 }],
    });
  });

  test('a fan-out has a limit of its own', () => {
    const fanOut = { spentNanoUsd: 50, expectedNanoUsd: 60, limitNanoUsd: 100 };
    expect(codes(ask([budgetStatus(1)], { spawn: { ...spawn, fanOut } }))).toEqual([
      'FAN_OUT_OVER_LIMIT',
    ]);
  });

  test('what the agent can do without is refused, and halts nothing', () => {
    const input = { forecastNanoUsd: 700, isOptional: true };
    expect(ask([budgetStatus(400)], input)).toMatchObject({
      verdict: { kind: 'deny' },
      haltRecord: null,
    });
    expect(ask([budgetStatus(1_000)], input).verdict.kind).toBe('halt');
  });
});

describe('what a decision tells beside its verdict', () => {
  const window = { windowKey: 'session|session s1' };

  test('every stage before the hard one that stands, also where it was announced', () => {
    const decision = ask([budgetStatus(950, { announced: ['soft'] })]);
    expect(decision.due).toMatchObject([{ ...window, stage: 'wrapUp' }]);
    expect(decision.reached).toMatchObject([
      { ...window, stage: 'soft', breach: { code: 'SOFT_LIMIT_REACHED', limitNanoUsd: 500 } },
      { ...window, stage: 'wrapUp', breach: { code: 'WRAP_UP_DUE', limitNanoUsd: 900 } },
    ]);
    const over = ask([budgetStatus(1_000)]);
    expect(over.due.map(({ stage }) => stage)).toEqual(['soft', 'hard']);
    expect(over.reached.map(({ stage }) => stage)).toEqual(['soft']);
    const watched = budgetStatus(950, { budget: budget({ mode: 'observe' }) });
    expect(ask([watched]).reached).toEqual([]);
    expect(ask([budgetStatus(1)])).toMatchObject({ due: [], reached: [] });
  });

  test('what to hold: the need of the tightest budget, and nothing at a halt', () => {
    expect(ask([budgetStatus(100)], { forecastNanoUsd: 150 }).reserveNanoUsd).toBe(150);
    expect(ask([budgetStatus(1_000)], { forecastNanoUsd: 150 }).reserveNanoUsd).toBe(0);
    expect(ask([], { forecastNanoUsd: 150 }).reserveNanoUsd).toBe(0);
    const unknownModel = { model: 'x', pricedAs: 'y' };
    const halted = ask([budgetStatus(1)], { unknownModel, forecastNanoUsd: 150 });
    expect(halted).toMatchObject({ verdict: { kind: 'halt' }, reserveNanoUsd: 0 });
  });

  test('the need of each budget by itself', () => {
    const wide = budgetStatus(0, { budget: budget({ hardNanoUsd: 5_000 }), windowKey: 'wide' });
    const need = (status: BudgetStatus) => (status.windowKey === 'wide' ? 5_001 : 100);
    const decision = ask([budgetStatus(0), wide], { forecastNanoUsd: need });
    expect(decision.haltRecord).toMatchObject({ windowKey: 'wide', code: 'FORECAST_OVER_CEILING' });
  });
});

describe('a halt that stays', () => {
  const by = (code: HaltRecord['code']): HaltRecord => ({
    ...{ sessionId: session, budgetId: budgetId('day'), windowKey: 'gone', code, haltedAt: 7 },
    ...{ ceilingNanoUsd: 900, spendNanoUsd: 880, reason: 'lunch' },
  });

  test('by hand is told with its reason', () => {
    expect(ask([budgetStatus(990)], { haltRecord: by('HALTED_BY_PERSON') }).verdict).toEqual({
      kind: 'halt',
      breaches: [{ code: 'HALTED_BY_PERSON', haltedAt: 7, reason: 'lunch' }],
    });
  });

  test('of a window that is no more is told with the figures of then', () => {
    const told = ask([budgetStatus(990)], { haltRecord: by('HARD_LIMIT_REACHED') }).verdict;
    expect(told.breaches).toMatchObject([{ spendNanoUsd: 880, limitNanoUsd: 900 }]);
    const unlimited = { ...by('HARD_LIMIT_REACHED'), ceilingNanoUsd: null };
    expect(ask([], { haltRecord: unlimited }).verdict.breaches).toMatchObject([
      { limitNanoUsd: 0 },
    ]);
  });
});

describe('limits to the nano-dollar', () => {
  const soft = { softNanoUsd: 700, wrapUpRatio: 0.9 };
  const stagesAt = (posted: number, need: number, fields: Partial<Budget>) =>
    codes(ask([budgetStatus(posted, { budget: budget(fields) })], { forecastNanoUsd: need }));

  test.each<[string, number, number, Partial<Budget>, readonly string[]]>([
    ['two requests more just fit', 700, 150, soft, ['SOFT_LIMIT_REACHED']],
    ['two requests more do not', 702, 150, soft, ['SOFT_LIMIT_REACHED', 'WRAP_UP_DUE']],
    ['no request follows', 899, 0, soft, ['SOFT_LIMIT_REACHED']],
    [
      'three quarters, no soft limit',
      750,
      200,
      { ...soft, softNanoUsd: null },
      ['SOFT_LIMIT_REACHED', 'WRAP_UP_DUE'],
    ],
    ['less than that', 749, 200, { ...soft, softNanoUsd: null }, ['SOFT_LIMIT_REACHED']],
    ['nobody is told to finish', 950, 10, { ...soft, wrapUpRatio: null }, ['SOFT_LIMIT_REACHED']],
    ['the ceiling is just reached', 600, 400, soft, ['SOFT_LIMIT_REACHED']],
    ['there is no ceiling', 600, 400, { ...soft, hardNanoUsd: null }, []],
  ])('%s', (_, posted, need, fields, expected) => {
    expect(stagesAt(posted, need, fields)).toEqual(expected);
  });
});

describe('the order of budgets', () => {
  const named = (id: string, posted: number, fields: Partial<Budget>) =>
    budgetStatus(posted, { budget: budget({ id: budgetId(id), ...fields }), windowKey: id });

  test('is by what is left; those that halt nothing come last', () => {
    const budgets = [
      named('watched', 1_900, { mode: 'warn', hardNanoUsd: 1_000 }),
      named('open', 1_900, { hardNanoUsd: null, softNanoUsd: 100 }),
      named('wide', 1_900, { hardNanoUsd: 2_000 }),
      named('tight', 990, {}),
    ];
    const { verdict } = ask(budgets, { forecastNanoUsd: 0 });
    const order = verdict.breaches.map((breach) => ('budgetId' in breach ? breach.budgetId : ''));
    expect([...new Set(order)]).toEqual(['tight', 'wide', 'watched', 'open']);
  });

  test('counts what each needs', () => {
    const need = (status: BudgetStatus) => (status.windowKey === 'a' ? 10 : 200);
    const { haltRecord } = ask([named('a', 995, {}), named('b', 900, {})], {
      forecastNanoUsd: need,
    });
    expect(haltRecord?.windowKey).toBe('b');
  });
});

describe('a spawn to the nano-dollar', () => {
  const spawn = { tool: 'Agent', requiredNanoUsd: 300, parentNanoUsd: 100, fanOut: null };
  const quiet = (posted: number, fields: Partial<Budget> = {}) =>
    budgetStatus(posted, { budget: budget({ softNanoUsd: null, ...fields }) });

  test('may just reach the ceiling', () => {
    expect(codes(ask([quiet(600)], { spawn }))).toEqual([]);
    expect(codes(ask([quiet(601)], { spawn }))).toEqual(['SPAWN_OVER_HEADROOM']);
  });

  test('is refused by budgets that halt only', () => {
    for (const fields of [{ mode: 'warn' }, { mode: 'observe' }, { hardNanoUsd: null }] as const)
      expect(codes(ask([quiet(900, { wrapUpRatio: null, ...fields })], { spawn }))).toEqual([]);
  });

  test('may just reach the limit of its fan-out', () => {
    const fanOut = { spentNanoUsd: 40, expectedNanoUsd: 60, limitNanoUsd: 100 };
    expect(codes(ask([quiet(1)], { spawn: { ...spawn, fanOut } }))).toEqual([]);
  });

  test('is no question any more at a halt', () => {
    expect(codes(ask([quiet(1_000)], { spawn }))).toEqual(['HARD_LIMIT_REACHED']);
  });

  test('that can be done without leaves a halt one', () => {
    const budgets = [quiet(1_000), { ...quiet(950), windowKey: 'other' }];
    const { verdict } = ask(budgets, { forecastNanoUsd: 100, isOptional: true });
    expect(verdict.kind).toBe('halt');
  });
});

describe('a circuit breaker that has tripped', () => {
  const trip: BreakerTrip = {
    ...{
      breaker: 'repeatedCalls',
      count: 8,
      costNanoUsd: 420_000_000,
      subject: 'Bash',
      sinceAt: 1,
    },
    ...{ mode: 'warn', isNew: true },
  };
  const told = { code: 'BREAKER_TRIPPED', breaker: 'repeatedCalls', count: 8, subject: 'Bash' };
  const tripped = (more: Partial<BreakerTrip>, posted = 100) =>
    ask([budgetStatus(posted)], { forecastNanoUsd: 10, trips: [{ ...trip, ...more }] });

  test('warns once, and nothing halts', () => {
    const decision = tripped({});
    expect(decision).toMatchObject({
      verdict: { kind: 'warn', breaches: [told] },
      due: [{ stage: 'soft', windowKey: 'breaker|repeatedCalls|s1|1', breach: told }],
      reached: [{ breach: told }],
      ...{ haltRecord: null, reserveNanoUsd: 10 },
    });
    expect(tripped({ isNew: false })).toMatchObject({
      verdict: { kind: 'allow', breaches: [] },
      ...{ due: [], reached: [], haltRecord: null },
    });
  });

  test('that only observes is recorded and not told', () => {
    expect(tripped({ mode: 'observe' })).toMatchObject({
      verdict: { kind: 'allow', breaches: [] },
      ...{ due: [{ breach: told }], reached: [], haltRecord: null, reserveNanoUsd: 10 },
    });
  });

  test('that enforces halts, also while it goes on, and a person lifts it', () => {
    for (const isNew of [true, false]) {
      const decision = tripped({ mode: 'enforce', isNew });
      expect(decision).toMatchObject({
        verdict: { kind: 'halt', breaches: [told] },
        ...{ reached: [], reserveNanoUsd: 0 },
        haltRecord: {
          ...{ sessionId: 's1', budgetId: 'repeatedCalls', code: 'BREAKER_TRIPPED', haltedAt: 1 },
          ...{ windowKey: 'breaker|repeatedCalls|s1|1', ceilingNanoUsd: null },
          spendNanoUsd: 420_000_000,
          reason: 'Bash 8 times with the same input and result, and no change between ($0.42)',
        },
      });
      expect(decision.due).toHaveLength(isNew ? 1 : 0);
    }
  });

  test('leaves the halt of a ceiling what it is', () => {
    const decision = tripped({ mode: 'enforce' }, 1_000);
    expect(codes(decision)).toEqual([
      ...['SOFT_LIMIT_REACHED', 'HARD_LIMIT_REACHED', 'BREAKER_TRIPPED'],
    ]);
    expect(decision.haltRecord).toMatchObject({ code: 'HARD_LIMIT_REACHED' });
    expect(codes(tripped({}, 1_000))).toEqual(codes(decision));
    expect(tripped({}, 1_000).verdict.kind).toBe('halt');
  });

  test('that halted before keeps the session halted by what it found', () => {
    const { haltRecord } = tripped({ mode: 'enforce' });
    const later = ask([budgetStatus(100)], { haltRecord });
    expect(later.verdict).toEqual({
      kind: 'halt',
      breaches: [
        {
          ...{ code: 'HALTED_BY_BREAKER', haltedAt: 1, breaker: 'repeatedCalls' },
          evidence: haltRecord?.reason,
        },
      ],
    });
  });
});

describe('a ceiling of the team', () => {
  const team = {
    ...{ budgetId: 'day', outstandingNanoUsd: 1_000, isSpent: false, spareNanoUsd: null },
    offline: null,
  };
  const figuresAt = (more: Partial<NonNullable<BudgetStatus['team']>>) =>
    ask([budgetStatus(1_000, { team: { ...team, ...more } })]).verdict.breaches.at(-1);

  test('that refuses tells whether the team was asked in vain', () => {
    const silent = figuresAt({});
    expect(silent).toMatchObject({ code: 'HARD_LIMIT_REACHED', isTeamSilent: true });
    expect(silent).toMatchObject({ teamBudgetId: 'day' });
    for (const more of [
      { spareNanoUsd: 0 },
      { budgetId: null },
      { offline: 'lease', spareNanoUsd: 0 } as const,
      { offline: 'lease' } as const,
    ]) {
      expect(figuresAt(more)).not.toHaveProperty('isTeamSilent');
    }
    expect(figuresAt({ offline: 'lease' })).toMatchObject({ teamOffline: 'lease' });
    expect(figuresAt({})).not.toHaveProperty('teamOffline');
  });

  test('warns that it is near only where no more is to be had', () => {
    const near = (more: Partial<typeof team>) =>
      codes(ask([budgetStatus(450, { team: { ...team, ...more } })], { forecastNanoUsd: 200 }));
    expect(near({})).toEqual([]);
    expect(near({ isSpent: true })).toEqual(['SOFT_LIMIT_REACHED']);
  });
});
