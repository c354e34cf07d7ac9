// What people read, kept as files: what, how much of what, where, what to do.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Alert, AlertRecord } from '../../../src/alerts/alert.ts';
import { chatBody } from '../../../src/alerts/chat.ts';
import { desktopProgram } from '../../../src/alerts/desktop.ts';
import { htmlText } from '../../../src/alerts/html.ts';
import { ntfyBody } from '../../../src/alerts/ntfy.ts';
import { terminalText } from '../../../src/alerts/terminal.ts';
import { alertText, messageOf, plainText } from '../../../src/alerts/wording.ts';
import { budgetId, sessionId } from '../../../src/domain/ids.ts';

const GOLDEN = join(import.meta.dirname, '../../fixtures/golden');
const NOW = Date.UTC(2026, 10, 28, 14, 0);
const figures = {
  ...{ budgetId: budgetId('session'), windowLabel: 'session' },
  ...{ spendNanoUsd: 4_020_000_000, limitNanoUsd: 5_000_000_000 },
};
const day = { ...figures, budgetId: budgetId('team'), windowLabel: 'day 2026-11-28' };

/** One of each. */
const ALERTS: readonly Alert[] = [
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
  { code: 'TEST' },
];

const record = (alert: Alert, seq: number): AlertRecord => ({
  ...{ seq, alertId: `a${seq}`, alert, sessionId: sessionId('a1b2c3d4-0000') },
  ...{ raisedAt: NOW, acknowledgedAt: null },
});
const PLACE = {
  ...{ title: 'Fix the cart', repository: 'github.com/acme/shop', branch: 'feat/cart' },
  session: 'a1b2c3d4',
};
const NOWHERE = { title: null, repository: null, branch: null, session: null };
const isOfSession = ({ code }: Alert) =>
  !['BURN_RATE_HIGH', 'SPEND_SPIKE', 'DELIVERY_FAILED', 'TEST'].includes(code);
const placeOf = ({ alert }: AlertRecord) => (isOfSession(alert) ? PLACE : NOWHERE);
const message = (alerts: readonly Alert[]) => messageOf('d1', alerts.map(record), placeOf, NOW);

test('each alert as the message it is sent as', async () => {
  const texts = ALERTS.map((alert) => plainText(message([alert])));
  await expect(texts.join('\n\n---\n\n')).toMatchFileSnapshot(join(GOLDEN, 'alerts.txt'));
});

test('each alert as each channel shows it', async () => {
  const shown = ALERTS.map((alert) => {
    const one = message([alert]);
    const chats = (['slack', 'teams', 'discord'] as const).map((type) => [
      type,
      chatBody(type, one),
    ]);
    const { words } = desktopProgram(one, 'linux');
    return {
      ...{ terminal: terminalText(one), desktop: words.slice(2), ntfy: ntfyBody(one) },
      ...Object.fromEntries(chats),
    };
  });
  await expect(`${JSON.stringify(shown, null, 1)}\n`).toMatchFileSnapshot(
    join(GOLDEN, 'alerts-channels.json'),
  );
});

test('several in one message, the most important first', async () => {
  await expect(plainText(message(ALERTS.slice(0, 6)))).toMatchFileSnapshot(
    join(GOLDEN, 'alerts-together.txt'),
  );
});

test('the mail', async () => {
  await expect(htmlText(message([ALERTS[3] as Alert]))).toMatchFileSnapshot(
    join(GOLDEN, 'alert-mail.html'),
  );
  await expect(htmlText(message(ALERTS.slice(0, 6)))).toMatchFileSnapshot(
    join(GOLDEN, 'alerts-mail.html'),
  );
});

test('very many are one message of ten paragraphs that tells how many there are', () => {
  const many = Array.from({ length: 1_000 }, (_, n) => ALERTS[n % 4] as Alert);
  const { title, texts, alerts } = message(many);
  expect(alerts).toHaveLength(1_000);
  expect(texts).toHaveLength(10);
  expect(texts[9]?.what).toBe('991 more');
  expect(title).toBe('Tollgate: 1000 alerts: 250 halts, 250 thresholds, 500 soft limits');
});

test('what an agent wrote stays on its line, and escapes no markup', () => {
  const evil = { ...PLACE, title: 'a\n\u001b]0;x\u0007\u202e<b>&"</b>', branch: 'x'.repeat(500) };
  const { where } = alertText({ code: 'TEST' }, evil, NOW);
  expect(where).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(where.length).toBeLessThan(250);
  expect(htmlText(messageOf('d', [record({ code: 'TEST' }, 1)], () => evil, NOW))).toContain(
    'a ]0;x &lt;b&gt;&amp;&quot;&lt;/b&gt;',
  );
});
