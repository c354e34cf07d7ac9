// What would have cost less: ranked, with amounts that are differences to the ledger.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIST_PRICE } from '../../../../src/pricing/policy.ts';
import { pricerOf } from '../../../../src/pricing/pricer.ts';
import { familyOf, RATE_CARDS } from '../../../../src/pricing/rate-cards.ts';
import { findAdvice } from '../../../../src/reports/why/advice.ts';
import type { ToolHabits } from '../../../../src/reports/why/tool-habits.ts';
import { recordAll, request, temporaryLedger } from '../../../support/ledger-entries.ts';

const { rates } = pricerOf(LIST_PRICE, RATE_CARDS);
const AT = Date.parse('2026-11-20T12:00:00Z');
const ALWAYS = { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY };
const NO_HABITS: ToolHabits = {
  ...{ callCount: 0, rereads: [], failedCount: 0, retryCount: 0, worstTool: null },
};

let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
});
afterEach(() => ledger.remove());

/** A request of a million output tokens: $25 on Opus 4.7, $5 on Haiku 4.5. */
const million = (id: string, model: string, more: object = {}) =>
  request({
    ...{ id, at: AT, session: 's1', cost: model.includes('opus') ? 25e9 : 5e9, ...more },
    usage: { inputTokens: 0, outputTokens: 1e6, cacheReadTokens: 0, cacheWrite5mTokens: 0 },
    labels: { model, ...('agent' in more ? { agentType: 'Explore' } : {}) },
  });

const advise = (habits: ToolHabits = NO_HABITS) =>
  findAdvice(ledger.store.readLines({ window: ALWAYS, where: [] }), {
    ...{ rates, familyOf, newest: ['claude-haiku-4-5', 'claude-opus-4-7', 'claude-mythos-5'] },
    habitsOf: () => habits,
  });

test('subagents and main loops go to the next smaller family; the smallest has none', () => {
  recordAll(ledger.store, [
    million('a', 'claude-opus-4-7', { agent: 'a1' }),
    million('b', 'claude-opus-4-7', { agent: 'a2' }),
    million('c', 'claude-opus-4-7'),
    million('d', 'claude-haiku-4-5', { agent: 'a3' }),
    million('e', 'claude-haiku-4-5', { session: 's2' }),
  ]);
  const to = { fromFamily: 'opus', toFamily: 'haiku' };
  expect(advise()).toEqual([
    {
      ...{ code: 'SMALLER_SUBAGENTS', agentType: 'Explore', count: 2, ...to },
      ...{ paidNanoUsd: 50e9, savedNanoUsd: 40e9 },
    },
    { code: 'SMALLER_SESSION', sessionId: 's1', ...to, paidNanoUsd: 25e9, savedNanoUsd: 20e9 },
  ]);
});

test('a file that was read again costs what writing it once more into the context costs', () => {
  recordAll(ledger.store, [million('e', 'claude-haiku-4-5')]);
  const rereads = [{ file: 'src/cart.ts', readCount: 7, resultBytes: 4_000_000 }];
  // A million tokens at $1.25.
  expect(advise({ ...NO_HABITS, rereads })).toEqual([
    {
      ...{ code: 'REPEATED_READS', sessionId: 's1', file: 'src/cart.ts', readCount: 7 },
      ...{ fileCount: 1, savedNanoUsd: 1.25e9, paidNanoUsd: 5e9 },
    },
  ]);
});
