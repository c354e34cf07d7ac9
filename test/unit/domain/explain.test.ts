// Who is told what, and that nothing is said twice. Codes and figures are asserted, wording only where it is the command.
import { describe, expect, test } from 'vitest';
import { explain, priceTagText, toPerson, turnLine } from '../../../src/domain/explain.ts';
import { budgetId, sessionId } from '../../../src/domain/ids.ts';
import type { BudgetStatus } from '../../../src/domain/spend.ts';
import type { Breach, Verdict } from '../../../src/domain/verdict.ts';

const session = sessionId('9f2c');
const figures = {
  budgetId: budgetId('day'),
  windowLabel: 'day 2026-11-21',
  spendNanoUsd: 900_000_000,
  reservedNanoUsd: 0,
  limitNanoUsd: 1_000_000_000,
  ceilingNanoUsd: 1_000_000_000,
  forecastNanoUsd: 200_000_000,
};
const soft: Breach = { code: 'SOFT_LIMIT_REACHED', ...figures };
const wrapUp: Breach = { code: 'WRAP_UP_DUE', ...figures };
const forecast: Breach = { code: 'FORECAST_OVER_CEILING', ...figures };
const before: Breach = {
  code: 'HALTED_BEFORE',
  haltedAt: 1,
  budgetId: budgetId('day'),
  spendNanoUsd: 900_000_000,
  limitNanoUsd: 1_000_000_000,
};
const verdict = (kind: Verdict['kind'], ...breaches: Breach[]): Verdict => ({ kind, breaches });
const none = { forPerson: [], forModel: [] };

describe('who is told', () => {
  test('a halt gives its amount, its ceiling, its budget and the command that helps', () => {
    const { reason, forPerson, forModel } = explain(verdict('halt', forecast), none, session);
    for (const part of [
      '$0.90',
      '$0.20',
      '$1.00',
      'day',
      '/budget raise 2, or in a terminal: tollgate grant 2 --session 9f2c',
    ]) {
      expect(reason).toContain(part);
    }
    expect(forPerson).toBe(reason);
    expect(forModel).toBeNull();
  });

  test('one that was told before is a reason, and no news', () => {
    const said = explain(verdict('halt', before), none, session);
    expect(said.reason).toContain('tollgate grant');
    expect(said.forPerson).toBeNull();
  });

  test('a warning is told to those for whom it is news', () => {
    const said = explain(verdict('warn', soft), { forPerson: [soft], forModel: [soft] }, session);
    expect(said).toMatchObject({ reason: null });
    expect(said.forPerson).toContain('$0.90');
    expect(said.forModel).toContain('$0.10 left');
    expect(explain(verdict('allow'), none, session)).toEqual({
      forPerson: null,
      forModel: null,
      reason: null,
    });
  });

  test('who is told to finish is not told to begin finishing', () => {
    const news = { forPerson: [soft, wrapUp], forModel: [soft, wrapUp] };
    const said = explain(verdict('warn', soft, wrapUp), news, session);
    expect(said.forModel?.split('\n')).toHaveLength(1);
    expect(said.forModel).toContain('hand-off');
    expect(said.forPerson?.split('\n')).toHaveLength(2);
  });

  test('a refused compaction halts nobody, and does not say so', () => {
    const { reason } = explain(verdict('deny', forecast), none, session);
    expect(reason).toContain('refused');
    expect(reason).not.toContain('halted');
  });
});

describe('figures', () => {
  const budgetStatus = {
    budget: { id: budgetId('day'), hardNanoUsd: 1_000_000_000 },
    windowLabel: 'day 2026-11-21',
    postedNanoUsd: 900_000_000,
    inheritedNanoUsd: 0,
    reservedNanoUsd: 0,
    grantedNanoUsd: 500_000_000,
  } as BudgetStatus;

  test('a fan-out has its price on it', () => {
    const priceTag = { count: 4, averageNanoUsd: 120_000_000, sampleCount: 9 };
    const text = priceTagText({ tool: 'Workflow', agentType: 'explorer', priceTag }, [
      budgetStatus,
    ]);
    for (const part of ['Workflow', 'explorer', '4 subagents', '$0.48', '$0.12', '$0.60 left']) {
      expect(text).toContain(part);
    }
    expect(
      priceTagText({ tool: 'Agent', agentType: 'x', priceTag: null }, [budgetStatus]),
    ).toBeNull();
  });

  test('a turn ends with where the money stands', () => {
    expect(turnLine(budgetStatus)).toContain('$0.90 of $1.50');
  });

  test('every breach has words', () => {
    const others: Breach[] = [
      { code: 'HARD_LIMIT_REACHED', ...figures },
      { code: 'SPAWN_OVER_HEADROOM', tool: 'Agent', ...figures },
      { code: 'FAN_OUT_OVER_LIMIT', tool: 'Agent', ...figures },
      { code: 'HALTED_BY_PERSON', haltedAt: 1, reason: 'lunch' },
      { code: 'UNKNOWN_MODEL', model: 'x-1', pricedAs: 'y-2' },
      { code: 'GUARDED_FILE', path: '.claude/settings.json' },
      { code: 'LEDGER_UNAVAILABLE', detail: 'it is locked', hint: 'Wait.' },
    ];
    for (const breach of others) expect(toPerson(breach, session)).toMatch(/^Tollgate /);
  });
});
