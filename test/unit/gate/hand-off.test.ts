// The hand-off note: what goes in, who may read it, and that nothing a person typed is in it.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readWork } from '../../../src/agents/claude-code/transcript/work.ts';
import { type HandOff, handOffText } from '../../../src/domain/hand-off.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import { handOffFile, readHandOff, writeHandOff } from '../../../src/gate/hand-off.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-hand-off-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const assistant = (...content: object[]) =>
  JSON.stringify({ type: 'assistant', message: { model: 'claude-opus-4-7', content } });
const tool = (name: string, input: object) => ({ type: 'tool_use', id: 't', name, input });

function transcript(...lines: string[]): string {
  const path = join(folder, 's.jsonl');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

describe('what the transcript tells', () => {
  test('last words, open todos and files written, and nothing that others wrote', () => {
    const path = transcript(
      JSON.stringify({ type: 'user', message: { role: 'user', content: 'SECRET prompt' } }),
      assistant({ type: 'text', text: 'I begin.' }, tool('Write', { file_path: '/r/a.ts' })),
      assistant(tool('Edit', { file_path: '/r/b.ts', new_string: 'SECRET' })),
      assistant(
        tool('TodoWrite', {
          todos: [
            { content: 'write a', status: 'completed' },
            { content: 'write b', status: 'in_progress' },
            { content: 'test', status: 'pending' },
          ],
        }),
      ),
      assistant({ type: 'text', text: 'Half done.' }, tool('Edit', { file_path: '/r/a.ts' })),
      JSON.stringify({ type: 'user', toolUseResult: 'SECRET result' }),
      '{"type":"assistant","message":{"content":[{"type":"text","text":"torn',
    );
    const work = readWork(path);
    expect(work).toEqual({
      lastWords: 'Half done.',
      openTodos: ['write b', 'test'],
      filesTouched: ['/r/b.ts', '/r/a.ts'],
    });
    expect(JSON.stringify(work)).not.toContain('SECRET');
  });

  test('tasks count as todos, until they are done', () => {
    const path = transcript(
      assistant(tool('TaskCreate', { subject: 'one' }), tool('TaskCreate', { subject: 'two' })),
      assistant(tool('TaskUpdate', { taskId: '1', status: 'completed' })),
    );
    expect(readWork(path).openTodos).toEqual(['two']);
  });

  test('without a transcript there is nothing to tell', () => {
    const nothing = { lastWords: null, openTodos: [], filesTouched: [] };
    expect(readWork(join(folder, 'none.jsonl'))).toEqual(nothing);
  });
});

describe('the note', () => {
  const note: HandOff = {
    schema: 'tollgate/hand-off@1',
    sessionId: sessionId('s1'),
    writtenAt: Date.UTC(2026, 10, 21),
    costNanoUsd: 1_250_000_000,
    budget: 'session',
    lastWords: 'Half done.',
    openTodos: ['test'],
    filesTouched: ['/r/a.ts'],
  };

  test('is kept for its owner alone, and read again', () => {
    writeHandOff(folder, note);
    expect(readHandOff(folder, note.sessionId)).toEqual(note);
    const file = handOffFile(folder, note.sessionId);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'hand-offs')).mode & 0o777).toBe(0o700);
    expect(readHandOff(folder, sessionId('s2'))).toBeNull();
  });

  test('a session’s name leads nowhere else', () => {
    const file = handOffFile(folder, sessionId('../../etc/x'));
    expect(file.startsWith(join(folder, 'hand-offs'))).toBe(true);
  });

  test('one that cannot be written or read stops nothing', () => {
    writeFileSync(join(folder, 'hand-offs'), 'in the way');
    expect(() => writeHandOff(folder, note)).not.toThrow();
    expect(readHandOff(folder, note.sessionId)).toBeNull();
  });

  test('says who ended it, what was said, what is open and what was written', () => {
    const text = handOffText(note);
    for (const part of ['$1.25', 'session', 'Half done.', '- test', '- /r/a.ts']) {
      expect(text).toContain(part);
    }
  });
});
