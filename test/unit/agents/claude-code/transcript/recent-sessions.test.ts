// Sessions found by the first lines of their transcripts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
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

const path = (id: string) => join(root, 'projects', '-repo', `${id}.jsonl`);
const idsOf = (sinceAt: number) => recentSessions(root, sinceAt).map(({ sessionId }) => sessionId);

test('one of which only the files of its subagents are left is passed over', () => {
  mkdirSync(join(root, 'projects', '-repo', 'gone', 'subagents'), { recursive: true });
  write('new', { timestamp: '2026-11-20T10:00:00Z' });
  expect(idsOf(AT)).toEqual(['new']);
});

test('a session has the path of its transcript', () => {
  write('new', { timestamp: '2026-11-20T10:00:00Z' });
  expect(recentSessions(root, AT)).toEqual([
    { sessionId: 'new', path: path('new'), startedAt: AT, cwd: null },
  ]);
});

test('one that was not written to since is left out', () => {
  write('old', { timestamp: '2026-11-20T10:00:00Z' });
  utimesSync(path('old'), AT / 1_000, (AT - 1) / 1_000);
  expect(idsOf(AT)).toEqual([]);
  utimesSync(path('old'), AT / 1_000, AT / 1_000);
  expect(idsOf(AT)).toEqual(['old']);
});

test('fields may be spaced, and are looked for in the first 64 KiB', () => {
  writeFileSync(path('spaced'), '{"timestamp":  "2026-11-20T10:00:00Z", "cwd":  "/a"}\n');
  const at = { timestamp: '2026-11-20T10:00:00Z' };
  write('near', { text: 'x'.repeat(65_000) }, at);
  write('far', { text: 'x'.repeat(66_000) }, at);
  expect(idsOf(AT).sort()).toEqual(['near', 'spaced']);
  expect(recentSessions(root, AT).find(({ sessionId }) => sessionId === 'spaced')?.cwd).toBe('/a');
});

test.skipIf(process.platform === 'win32')('a pipe is not waited for', () => {
  execFileSync('mkfifo', [path('pipe')]);
  write('new', { timestamp: '2026-11-20T10:00:00Z' });
  expect(idsOf(AT)).toEqual(['new']);
});
