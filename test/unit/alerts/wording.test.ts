// What people read, kept as files: what, how much of what, where, what to do.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Alert } from '../../../src/alerts/alert.ts';
import { chatBody } from '../../../src/alerts/chat.ts';
import { desktopProgram } from '../../../src/alerts/desktop.ts';
import { htmlText } from '../../../src/alerts/html.ts';
import { ntfyBody } from '../../../src/alerts/ntfy.ts';
import { terminalText } from '../../../src/alerts/terminal.ts';
import { alertText, messageOf, plainText } from '../../../src/alerts/wording.ts';
import {
  ALERTS,
  messageAbout as message,
  NOW,
  PLACE,
  record,
} from '../../support/alert-samples.ts';

const GOLDEN = join(import.meta.dirname, '../../fixtures/golden');

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
