// What reroutings saved, and whether they held.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { agentId, sessionId } from '../../../src/domain/ids.ts';
import { findSavings } from '../../../src/reports/savings.ts';
import { recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';

let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
});
afterEach(() => ledger.remove());

const ALWAYS = { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY };

test('a row for each kind and pair of models, from the ledger, against those that kept the model', () => {
  const { store } = ledger;
  const explorer = { agentType: 'Explore' };
  const of = (id: string, agent: string, at: number, cost: number, session = 's1') =>
    request({ id, at, agent, cost, session, labels: explorer });
  recordAll(store, [
    of('a', 'a1', 1_000, 100),
    of('b', 'a2', 2_000, 50),
    of('c', 'kept', 500, 700),
    // After the first was over, in the same session: it was tried again.
    of('d', 'again', 1_600, 900),
    of('e', 'elsewhere', 9_000, 200, 's2'),
    request({ id: 'm', at: 1, cost: 5_000, session: 's1' }),
  ]);
  const rerouting = {
    ...{ sessionId: sessionId('s1'), agentType: 'Explore', rule: 'late' },
    ...{ askedModel: 'opus', givenModel: 'haiku', reroutedAt: 900 },
  };
  store.immediately(() => {
    for (const toolUseId of ['t1', 't2', 't3']) store.addRerouting({ ...rerouting, toolUseId });
    store.addRerouting({ ...rerouting, toolUseId: 't4', agentType: 'Plan' });
    const settle = (toolUseId: string, agent: string, spentNanoUsd: number, settledAt: number) =>
      store.settleRerouting(toolUseId, {
        ...{ agentId: agentId(agent), requestCount: 1, spentNanoUsd, settledAt },
        askedNanoUsd: spentNanoUsd * 5,
      });
    settle('t1', 'a1', 100, 1_500);
    settle('t2', 'a2', 50, 2_500);
  });
  const rows = findSavings({
    reroutings: store.readReroutings({}),
    lines: store.readLines({ window: ALWAYS, where: [] }),
    readCalls: ({ outcome }) =>
      outcome?.agentId === 'a1' ? { callCount: 4, failedCount: 1 } : null,
  });
  expect(rows).toEqual([
    {
      ...{ agentType: 'Explore', askedModel: 'opus', givenModel: 'haiku', count: 3 },
      ...{ finishedCount: 2, requestCount: 2, spentNanoUsd: 150, savedNanoUsd: 600 },
      ...{ perFinishedNanoUsd: 75, others: { count: 3, averageNanoUsd: 600 } },
      ...{ triedAgainCount: 1, toolCallCount: 4, failedToolCallCount: 1 },
    },
    {
      ...{ agentType: 'Plan', askedModel: 'opus', givenModel: 'haiku', count: 1 },
      ...{ finishedCount: 0, requestCount: 0, spentNanoUsd: 0, savedNanoUsd: 0 },
      ...{ perFinishedNanoUsd: null, others: { count: 0, averageNanoUsd: null } },
      ...{ triedAgainCount: 0, toolCallCount: 0, failedToolCallCount: 0 },
    },
  ]);
});
