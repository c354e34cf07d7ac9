// Pricing anew: what had no price gets its own, with a trail; requests, tokens and labels stay, and every sum follows.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessionId } from '../../../src/domain/ids.ts';
import { NO_USAGE } from '../../../src/domain/usage.ts';
import { repriceRequests } from '../../../src/ingest/reprice.ts';
import { LIST_PRICE } from '../../../src/pricing/policy.ts';
import { pricerOf } from '../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { plainReport } from '../../../src/pricing/usage-report.ts';
import { planRelabel } from '../../../src/reports/relabel.ts';
import { recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import { ALWAYS, readTable } from './read-table.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
/** $1 and $2 a million tokens, the cache for nothing. */
const PRICE = { input: 1e6, output: 2e6, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
const known = pricerOf({ ...LIST_PRICE, overrides: { glm: PRICE } }, RATE_CARDS);
const unknown = pricerOf(LIST_PRICE, RATE_CARDS);
const usage = { inputTokens: 10, outputTokens: 200 };
const AFTER = 10_000 + 400_000;

const glm = (id: string, session = 's1', cost = 9_000_000) =>
  request({
    ...{ id, session, cost, at: '2026-11-20T10:00Z', unknownModel: true, usage },
    labels: { model: 'glm', client: 'Acme' },
  });

let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
  const own = request({ id: 'msg_3', session: 's1', at: '2026-11-20T11:00Z', cost: 500 });
  recordAll(ledger.store, [glm('msg_1'), glm('msg_2', 's2'), own]);
});
afterEach(() => ledger.remove());

const reprice = (id: string | null = null, pricer = known) =>
  ledger.store.immediately(() =>
    repriceRequests(id === null ? null : sessionId(id), ledger.store, () => pricer, NOW),
  );
const totals = (id: string) => ledger.store.readSessionTotals(sessionId(id));

test('gives each request its own price once, and takes the remark away', () => {
  for (const by of ['model', 'client', 'day']) readTable(ledger.store, { by: [by] });
  const before = totals('s1');
  expect(reprice(null, unknown).requestCount).toBe(0);
  expect(reprice()).toMatchObject({
    ...{ requestCount: 2, beforeNanoUsd: 18_000_000, afterNanoUsd: 2 * AFTER },
  });
  expect(totals('s1')).toMatchObject({
    ...{ requestCount: 2, costNanoUsd: AFTER + 500, usage: before.usage },
  });
  expect(totals('s1').models.every(({ unknownModel }) => !unknownModel)).toBe(true);
  for (const isFresh of [false, true]) {
    const { rows, total } = readTable(ledger.store, { by: ['model'], isFresh });
    expect(total).toMatchObject({ requestCount: 3, unknownCount: 0, costNanoUsd: 2 * AFTER + 500 });
    expect(rows.find(({ key }) => key[0] === 'glm')).toMatchObject({ costNanoUsd: 2 * AFTER });
  }
  expect(reprice().requestCount).toBe(0);
});

test('is of one session, where one is named', () => {
  expect(reprice('s2').requestCount).toBe(1);
  expect(totals('s1').costNanoUsd).toBe(9_000_500);
  expect(totals('s2').costNanoUsd).toBe(AFTER);
});

test('keeps the cost of an advisor whose model was the only one without a price', () => {
  const labels = { model: 'claude-opus-4-7', client: 'Acme' };
  const at = '2026-11-20T12:00Z';
  const cost = 7_000_000;
  recordAll(ledger.store, [
    request({ id: 'msg_4', session: 's3', at, cost, unknownModel: true, usage, labels }),
  ]);
  expect(reprice('s3')).toMatchObject({ requestCount: 0 });
  expect(totals('s3').costNanoUsd).toBe(cost);
});

test('follows a card that learnt of a model: its price was the stand-in for any unknown model', () => {
  const labels = { model: 'claude-opus-4-7', client: 'Acme' };
  const occurredAt = Date.parse('2026-11-20T12:00Z');
  const full = { ...NO_USAGE, ...usage };
  const report = plainReport(full);
  const priceAs = (model: string) =>
    unknown.price({ model, report, paused: [], occurredAt }).costNanoUsd;
  const at = '2026-11-20T12:00Z';
  const cost = priceAs('nobody-has-it');
  recordAll(ledger.store, [
    request({ id: 'msg_5', session: 's4', at, cost, unknownModel: true, usage: full, labels }),
  ]);
  expect(reprice('s4', unknown)).toMatchObject({ requestCount: 1 });
  expect(totals('s4').costNanoUsd).toBe(priceAs('claude-opus-4-7'));
});

test('reaches the budgets that count the request', () => {
  const { store } = ledger;
  const pool = {
    ...{ key: 'week', window: ALWAYS, labels: {}, sessions: null, turnId: null },
    ...{ agentId: null, isAhead: false },
  };
  const posted = () =>
    store.immediately(() =>
      store.readPoolSpend(pool, { sessionId: sessionId('s9'), agentId: null }, NOW),
    ).postedNanoUsd;
  expect(posted()).toBe(18_000_500);
  reprice();
  expect(posted()).toBe(2 * AFTER + 500);
});

test('follows a request to the labels it was moved to, and a late line of it counts once', () => {
  const { store } = ledger;
  store.immediately(() => {
    const where = [{ key: 'session' as const, patterns: ['s1'] }];
    const changes = { owner: { client: 'Web' }, free: new Map<string, string | null>() };
    for (const { line, to } of planRelabel(store.readLines({ window: ALWAYS, where }), changes)) {
      store.reattribute(line, to, NOW);
    }
  });
  reprice('s1');
  const costOf = (name: string) =>
    readTable(store, { by: ['client'], isFresh: true }).rows.find(({ key }) => key[0] === name)
      ?.costNanoUsd;
  expect(costOf('Web')).toBe(AFTER + 500);
  expect(costOf('Acme')).toBe(9_000_000);
  const grown = glm('msg_1', 's1', AFTER + 2_000);
  const later = { ...grown, usage: { ...grown.usage, outputTokens: 201 } };
  recordAll(store, [{ ...later, flags: { unknownModel: false, interrupted: false } }]);
  expect(totals('s1').costNanoUsd).toBe(AFTER + 2_000 + 500);
});
