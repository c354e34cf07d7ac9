import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recentSessions } from '../../../../../src/agents/claude-code/transcript/recent-sessions.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-recent-'));
  mkdirSync(join(root, 'projects', '-repo'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const AT = Date.parse('2026-11-20T10:00:00Z');
const write = (id: string, ...lines: object[]) =>
  writeFileSync(
    join(root, 'projects', '-repo', `${id}.jsonl`),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );

test('sessions by the first line that has a time, and where they began', () => {
  write('new', { type: 'mode' }, { timestamp: '2026-11-20T10:00:00Z', cwd: '/a "b"' });
  write('resumed', { timestamp: '2026-11-20T09:59:59Z' }, { timestamp: '2026-11-20T11:00:00Z' });
  write('nowhere', { timestamp: '2026-11-20T10:00:01Z' });
  write('empty');
  write('timeless', { type: 'mode' });
  const found = recentSessions(root, AT).map(({ sessionId, startedAt, cwd }) => {
    return { sessionId, startedAt, cwd };
  });
  expect(found.sort((a, b) => a.startedAt - b.startedAt)).toEqual([
    { sessionId: 'new', startedAt: AT, cwd: '/a "b"' },
    { sessionId: 'nowhere', startedAt: AT + 1_000, cwd: null },
  ]);
});

test('a folder that is not there has none', () => {
  expect(recentSessions(join(root, 'gone'), 0)).toEqual([]);
});
