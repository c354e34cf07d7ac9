// A digest's figures are those of the ledger, to the nano-dollar, and nothing of another period is in them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Alert } from '../../../src/alerts/alert.ts';
import { enqueueAlert } from '../../../src/alerts/alert.ts';
import { type DigestDeps, readDigest } from '../../../src/digest/read-digest.ts';
import { budgetId, sessionId } from '../../../src/domain/ids.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { LIST_PRICE } from '../../../src/pricing/policy.ts';
import { pricerOf } from '../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { periodAt } from '../../../src/reports/time-range.ts';
import { correction, recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';

const ZONE = 'Europe/Berlin';
/** Clocks go back in this night: the day has 25 hours. */
const DAY = periodAt('day', Date.parse('2026-10-25T12:00:00Z'), ZONE);
const BEFORE = periodAt('day', DAY.startAt - 1, ZONE);
const MODEL = { model: 'claude-opus-4-7' };

let ledger: ReturnType<typeof temporaryLedger>;
let deps: DigestDeps;
beforeEach(() => {
  ledger = temporaryLedger();
  deps = {
    ...{ store: ledger.store, rates: pricerOf(LIST_PRICE, RATE_CARDS).rates },
    otherModels: ['claude-haiku-4-5', 'claude-opus-4-7', 'claude-mythos-5'],
    countUnusable: (sinceAt) => (sinceAt === DAY.startAt ? 3 : 0),
    titleOf: ({ sessionId: id }) => `Title of ${id}`,
    reasonsOf: (_session, window) => [`${window.endAt - window.startAt} ms`],
    eventOf: ({ raisedAt, sessionId: id, alert }) => ({
      ...{ at: raisedAt, sessionId: id, what: alert.code, amount: '', where: '' },
    }),
  };
});
afterEach(() => ledger.remove());

const read = (now = DAY.endAt) =>
  readDigest({ period: 'day', window: DAY, before: BEFORE, timeZone: ZONE, now }, deps);

test('a day of a zone, to its last instant, against the day before', () => {
  const at = (hour: number) => DAY.startAt + hour * HOUR_MS;
  recordAll(ledger.store, [
    request({ id: 'before', at: DAY.startAt - 1, session: 's0', cost: 1_000, labels: MODEL }),
    request({ id: 'first', at: DAY.startAt, session: 's1', cost: 2_500, labels: MODEL }),
    request({ id: 'last', at: DAY.endAt - 1, session: 's2', cost: 500, unknownModel: true }),
    correction({ id: 'c', at: at(24.5), session: 's1', cost: 40, provenance: 'estimated' }),
    request({ id: 'after', at: DAY.endAt, session: 's1', cost: 9_000, labels: MODEL }),
    ...[3, 4, 5, 6, 7, 8].map((n) =>
      request({ id: `r${n}`, at: at(n), session: `s${n}`, cost: n, labels: MODEL }),
    ),
  ]);
  const digest = read();
  expect(DAY.endAt - DAY.startAt).toBe(25 * HOUR_MS);
  expect(digest).toMatchObject({
    ...{ date: '2026-10-25', isOpen: false, requestCount: 8 },
    ...{ costNanoUsd: 2_500 + 500 + 40 + 33, beforeNanoUsd: 1_000 },
    otherSessions: { count: 3, costNanoUsd: 3 + 4 + 5 },
    unseen: {
      ...{ unusableLineCount: 3, guardLossCount: 0, estimatedNanoUsd: 40 },
      ...{ unpricedRequestCount: 1 },
    },
  });
  expect(digest.models[0]).toMatchObject({ model: 'claude-opus-4-7', beforeNanoUsd: 1_000 });
  expect(digest.models.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(
    digest.costNanoUsd,
  );
  const listed = digest.sessions.map((each) => [each.sessionId, each.costNanoUsd]);
  expect(listed).toEqual([
    ['s1', 2_540],
    ['s2', 500],
    ['s8', 8],
    ['s7', 7],
    ['s6', 6],
  ]);
  expect(digest.sessions[0]).toMatchObject({ title: 'Title of s1', reasons: ['90000000 ms'] });
  expect(read(DAY.endAt - 1).isOpen).toBe(true);
});

test('only models that would have cost less are named, with what they save', () => {
  const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWrite5mTokens: 0, outputTokens: 1_000 };
  const cost = 1_000 * 25_000;
  recordAll(ledger.store, [request({ id: 'r', at: DAY.startAt, cost, usage, labels: MODEL })]);
  expect(read().cheaper).toEqual([
    { model: 'claude-haiku-4-5', costNanoUsd: 5_000_000, savedNanoUsd: 20_000_000 },
  ]);
});

test('halts, loops and lost guards of the period, the newest first, however many', () => {
  const figures = {
    budgetId: budgetId('day'),
    windowLabel: 'day',
    spendNanoUsd: 1,
    limitNanoUsd: 1,
  };
  const raise = (alert: Alert, at: number) =>
    enqueueAlert(
      { alert, onceKey: `${alert.code}|${at}` },
      sessionId('s1'),
      { ...deps, config: { alerts: { channels: [] } } },
      at,
    );
  ledger.store.immediately(() => {
    for (let n = 0; n < 8; n += 1) {
      raise(
        { code: 'SESSION_HALTED', forecastNanoUsd: 0, ...figures },
        DAY.startAt + n * MINUTE_MS,
      );
    }
    raise({ code: 'SESSION_HALTED', forecastNanoUsd: 0, ...figures }, DAY.startAt - 1);
    raise({ code: 'UNKNOWN_MODEL', model: 'x' }, DAY.endAt - 1);
    raise({ code: 'GUARD_LOST', cause: 'hooks', detail: null }, DAY.startAt);
    raise({ code: 'GUARD_LOST', cause: 'hooks', detail: null }, DAY.endAt);
  });
  const { halts, loops, unseen } = read();
  expect(halts.count).toBe(9);
  expect(halts.newest.map(({ what }) => what)).toEqual([
    'UNKNOWN_MODEL',
    ...Array(4).fill('SESSION_HALTED'),
  ]);
  expect(loops).toEqual({ count: 0, newest: [] });
  expect(unseen.guardLossCount).toBe(1);
});
