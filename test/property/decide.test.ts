// Laws of the decision: more money never halts, less never frees, and the order of budgets says nothing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Budget, Mode } from '../../src/domain/budget.ts';
import { type DecideInput, decide } from '../../src/domain/decide.ts';
import { budgetId, sessionId } from '../../src/domain/ids.ts';
import { type BudgetStatus, ceilingOf, type Stage, spendOf } from '../../src/domain/spend.ts';
import { runs } from '../support/runs.ts';

const amount = fc.integer({ min: 0, max: 5_000 });
const mode = fc.constantFrom<Mode>('observe', 'warn', 'enforce');
const stages = fc.subarray<Stage>(['soft', 'wrapUp', 'hard']);

const budgetStatus = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    soft: fc.option(amount),
    hard: fc.option(amount),
    wrapUp: fc.option(fc.double({ min: 0.1, max: 1, noNaN: true })),
    mode,
    posted: amount,
    inherited: fc.integer({ min: 0, max: 300 }),
    reserved: fc.integer({ min: 0, max: 2_000 }),
    granted: fc.integer({ min: 0, max: 500 }),
    announced: stages,
  })
  .map((drawn): BudgetStatus => {
    const budget: Budget = {
      id: budgetId(drawn.id),
      scope: { where: {}, per: [] },
      period: { kind: 'session', followChain: false },
      softNanoUsd: drawn.soft,
      wrapUpRatio: drawn.wrapUp,
      hardNanoUsd: drawn.hard,
      mode: drawn.mode,
    };
    return {
      budget,
      windowKey: drawn.id,
      windowLabel: 'session',
      window: { startAt: 0, endAt: 1 },
      postedNanoUsd: drawn.posted,
      inheritedNanoUsd: drawn.inherited,
      reservedNanoUsd: drawn.reserved,
      grantedNanoUsd: drawn.granted,
      announced: drawn.announced,
    };
  });
const budgetStatuses = fc.uniqueArray(budgetStatus, {
  selector: ({ windowKey }) => windowKey,
  maxLength: 4,
});

const ask = (
  given: readonly BudgetStatus[],
  forecastNanoUsd: number,
  more: Partial<DecideInput> = {},
) =>
  decide({
    now: 1,
    sessionId: sessionId('s'),
    budgetStatuses: given,
    forecastNanoUsd,
    haltRecord: null,
    unknownModel: null,
    spawn: null,
    ...more,
  });
const halts = (given: readonly BudgetStatus[], forecast: number) =>
  ask(given, forecast).verdict.kind === 'halt';

test('raising a limit, or a grant, never turns going on into a halt', () => {
  fc.assert(
    fc.property(budgetStatuses, amount, amount, fc.nat(3), (given, forecast, more, at) => {
      const raised = given.map((each, index) =>
        index === at % Math.max(1, given.length)
          ? { ...each, grantedNanoUsd: each.grantedNanoUsd + more }
          : each,
      );
      if (!halts(given, forecast)) expect(halts(raised, forecast)).toBe(false);
    }),
    { numRuns: runs(2_000) },
  );
});

test('spending more, holding more or expecting more never lifts a halt', () => {
  fc.assert(
    fc.property(budgetStatuses, amount, amount, amount, amount, (given, forecast, a, b, c) => {
      const more = given.map((each) => ({
        ...each,
        postedNanoUsd: each.postedNanoUsd + a,
        reservedNanoUsd: each.reservedNanoUsd + b,
      }));
      if (halts(given, forecast)) expect(halts(more, forecast + c)).toBe(true);
    }),
    { numRuns: runs(2_000) },
  );
});

test('the order of the budgets changes nothing', () => {
  fc.assert(
    fc.property(budgetStatuses, amount, fc.infiniteStream(fc.nat()), (given, forecast, keys) => {
      const shuffled = given
        .map((each) => ({ each, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ each }) => each);
      const [one, other] = [ask(given, forecast), ask(shuffled, forecast)];
      expect(other.verdict.kind).toBe(one.verdict.kind);
      const told = (decision: typeof one) => decision.due.map((due) => JSON.stringify(due)).sort();
      expect(told(other)).toEqual(told(one));
    }),
    { numRuns: runs(1_000) },
  );
});

test('it halts exactly when an enforcing budget has no room, and then holds nothing', () => {
  fc.assert(
    fc.property(budgetStatuses, amount, (given, forecast) => {
      const full = given.some((each) => {
        const ceiling = ceilingOf(each);
        if (ceiling === null || each.budget.mode !== 'enforce') return false;
        const posted = each.postedNanoUsd + each.inheritedNanoUsd;
        return posted >= ceiling || spendOf(each) + forecast > ceiling;
      });
      const decision = ask(given, forecast);
      expect(decision.verdict.kind === 'halt').toBe(full);
      expect(decision.haltRecord === null).toBe(!full);
      if (full) expect(decision.reserveNanoUsd).toBe(0);
      else if (given.length > 0) expect(decision.reserveNanoUsd).toBe(forecast);
    }),
    { numRuns: runs(2_000) },
  );
});

test('a stage that was announced is never due again', () => {
  fc.assert(
    fc.property(budgetStatuses, amount, (given, forecast) => {
      for (const { windowKey, stage } of ask(given, forecast).due) {
        const known = given.find((each) => each.windowKey === windowKey);
        expect(known?.announced).not.toContain(stage);
      }
    }),
  );
});
