// One alert of each kind, a digest with every section, and the messages they are sent as.
import type { Alert, AlertRecord } from '../../src/alerts/alert.ts';
import type { Message } from '../../src/alerts/channel.ts';
import { messageOf } from '../../src/alerts/wording.ts';
import type { Digest } from '../../src/digest/digest.ts';
import { budgetId, sessionId } from '../../src/domain/ids.ts';

export const NOW = Date.UTC(2026, 10, 28, 14, 0);
const figures = {
  ...{ budgetId: budgetId('session'), windowLabel: 'session' },
  ...{ spendNanoUsd: 4_020_000_000, limitNanoUsd: 5_000_000_000 },
};
const day = { ...figures, budgetId: budgetId('team'), windowLabel: 'day 2026-11-28' };

/** One of each. */
export const ALERTS: readonly Alert[] = [
  { code: 'THRESHOLD_REACHED', ratio: 0.8, ...figures, requestsLeft: 9 },
  { code: 'SOFT_LIMIT_REACHED', softNanoUsd: 4_000_000_000, ...figures },
  { code: 'SOFT_LIMIT_REACHED', softNanoUsd: 4_500_000_000, ...figures },
  { code: 'SESSION_HALTED', forecastNanoUsd: 1_100_000_000, ...figures },
  { code: 'SESSION_HALTED', forecastNanoUsd: 0, ...day, spendNanoUsd: 5_010_000_000 },
  { code: 'UNKNOWN_MODEL', model: 'claude-nova-9' },
  { code: 'RUN_OUT_NEAR', runOutAt: NOW + 720_000, burnNanoUsdPerHour: 4_900_000_000, ...day },
  { code: 'PACE_HIGH', paceRatio: 2.34, ...day },
  { code: 'BURN_RATE_HIGH', burnNanoUsdPerHour: 31e9, limitNanoUsdPerHour: 20e9 },
  { code: 'SPEND_SPIKE', hourAt: NOW, spendNanoUsd: 18.2e9, usualNanoUsd: 2.5e9 },
  {
    ...{ code: 'BREAKER_TRIPPED', breaker: 'repeatedCalls', count: 12, costNanoUsd: 1.4e9 },
    evidence: 'Bash 12 times with the same input and result, and no change between ($1.40)',
    isHalted: false,
  },
  { code: 'GUARD_LOST', cause: 'hooks-removed', detail: '/home/ada/shop/.claude/settings.json' },
  {
    ...{ code: 'DRIFT_FOUND', source: "Claude Code's total" },
    ...{ ledgerNanoUsd: 4e9, otherNanoUsd: 4.2e9 },
  },
  { code: 'EVENT_FORGED', eventName: 'UserPromptSubmit' },
  {
    ...{ code: 'CEILING_CHANGED', amountNanoUsd: 2e9, author: 'ada@desk on pts/3 via zsh' },
    ...{ reason: 'release', budgetId: budgetId('session'), windowLabel: 'session' },
    ...{ spendNanoUsd: 4e9, limitNanoUsd: 7e9 },
  },
  { code: 'DELIVERY_FAILED', channel: 'team', attemptCount: 3, error: 'answered 404' },
  { code: 'HALTED_BY_PERSON', reason: 'wrong branch', spendNanoUsd: 4_670_000_000 },
  { code: 'TEST' },
];

export const record = (alert: Alert, seq: number): AlertRecord => ({
  ...{ seq, alertId: `a${seq}`, alert, sessionId: sessionId('a1b2c3d4-0000') },
  ...{ raisedAt: NOW, acknowledgedAt: null },
});
export const PLACE = {
  ...{ title: 'Fix the cart', repository: 'github.com/acme/shop', branch: 'feat/cart' },
  session: 'a1b2c3d4',
};
const NOWHERE = { title: null, repository: null, branch: null, session: null };
const isOfSession = ({ code }: Alert) =>
  !['BURN_RATE_HIGH', 'SPEND_SPIKE', 'DELIVERY_FAILED', 'TEST'].includes(code);
const placeOf = ({ alert }: AlertRecord) => (isOfSession(alert) ? PLACE : NOWHERE);

/** The message about these alerts. */
export const messageAbout = (alerts: readonly Alert[]): Message =>
  messageOf('d1', alerts.map(record), placeOf, NOW);

/** A week in which there was something of everything. */
export const DIGEST: Digest = {
  ...{ period: 'week', date: '2026-11-16', timeZone: 'UTC', isOpen: false },
  ...{ startAt: Date.UTC(2026, 10, 16), endAt: Date.UTC(2026, 10, 23) },
  ...{ costNanoUsd: 214.37e9, requestCount: 6_204, beforeNanoUsd: 181.02e9 },
  models: [
    {
      ...{ model: 'claude-opus-4-7', costNanoUsd: 171.9e9, beforeNanoUsd: 120e9 },
      requestCount: 4_002,
    },
    {
      model: 'claude-haiku-4-5',
      costNanoUsd: 42.47e9,
      beforeNanoUsd: 61.02e9,
      requestCount: 2_202,
    },
  ],
  sessions: [
    {
      ...{ sessionId: sessionId('a1b2c3d4-0000'), title: 'Fix the totals of the cart' },
      ...{ repository: 'github.com/acme/shop', branch: 'feat/cart-totals-with-a-long-name' },
      ...{ costNanoUsd: 48.2e9, requestCount: 804 },
      reasons: [
        'What the models wrote took $31.80 (66 %), 1.3M tokens.',
        'Reading the context from the cache took $9.12 (19 %): the context grew from 21.0k to 190.0k tokens.',
      ],
    },
    {
      ...{ sessionId: sessionId('b2c3d4e5-0000'), title: null, repository: null, branch: null },
      ...{ costNanoUsd: 12.75e9, requestCount: 310, reasons: [] },
    },
  ],
  otherSessions: { count: 31, costNanoUsd: 153.42e9 },
  loops: {
    count: 1,
    newest: [
      {
        ...{ at: NOW, sessionId: sessionId('a1b2c3d4-0000'), what: 'loop found (repeatedCalls)' },
        amount: 'Bash 12 times with the same input and result, and no change between ($1.40)',
        where: 'Fix the totals of the cart, github.com/acme/shop @ feat/cart',
      },
    ],
  },
  halts: {
    count: 1,
    newest: [
      {
        ...{ at: NOW, sessionId: sessionId('a1b2c3d4-0000'), what: 'session halted' },
        amount: '$4.67 of $5.00 (budget session); the next request may need $0.36',
        where: 'github.com/acme/shop @ main',
      },
    ],
  },
  cheaper: [
    { model: 'claude-haiku-4-5', costNanoUsd: 42.9e9, savedNanoUsd: 171.47e9 },
    { model: 'claude-sonnet-4-6', costNanoUsd: 128.6e9, savedNanoUsd: 85.77e9 },
  ],
  unseen: {
    ...{ unusableLineCount: 3, sessionCount: 1, guardLossCount: 2 },
    ...{ estimatedNanoUsd: 0.41e9, unpricedRequestCount: 12 },
  },
};
