// Which title a session has, by the ends of its transcript.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSessionTitle } from '../../../../../src/agents/claude-code/transcript/session-title.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-title-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const custom = (title: string) =>
  `${JSON.stringify({ type: 'custom-title', customTitle: title, sessionId: 's1' })}\n`;
const made = (title: string) =>
  `${JSON.stringify({ type: 'ai-title', aiTitle: title, sessionId: 's1' })}\n`;
const other = (length: number) => `${JSON.stringify({ type: 'user', text: 'x'.repeat(length) })}\n`;

function titleOf(...lines: readonly string[]): string | null {
  const path = join(folder, 's.jsonl');
  writeFileSync(path, lines.join(''));
  return readSessionTitle(path);
}

test.each<[string, readonly string[], string | null]>([
  ['none', [other(1)], null],
  ['the one that Claude Code made', [made('Fix the cart')], 'Fix the cart'],
  ['the one that a person gave', [custom('Cart'), made('Fix the cart')], 'Cart'],
  ['the last of its kind', [custom('Cart'), custom('Till')], 'Till'],
  ['not a blank one', [custom(' '), made('Fix the cart')], 'Fix the cart'],
  ['without space around it', [custom(' Cart\n')], 'Cart'],
  ['with quotes and letters beyond ASCII', [custom('"Küche" \\ 日本')], '"Küche" \\ 日本'],
  ['at the beginning of a long file', [custom('Cart'), other(100_000)], 'Cart'],
  ['at the end of a long file', [other(100_000), custom('Cart')], 'Cart'],
  [
    'at its end rather than at its beginning',
    [custom('Old'), other(100_000), custom('New')],
    'New',
  ],
  ['not in the middle of a long file', [other(70_000), custom('Cart'), other(70_000)], null],
  ['not what is no text of JSON', ['"type":"custom-title","customTitle":"\\x"\n'], null],
])('%s', (_, lines, title) => {
  expect(titleOf(...lines)).toBe(title);
});

test('a transcript that is not there has none', () => {
  expect(readSessionTitle(join(folder, 'gone.jsonl'))).toBeNull();
});
