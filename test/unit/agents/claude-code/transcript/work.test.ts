// Where the work stands by a transcript's last lines: the assistant's own words and lists, and nothing that others wrote.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readWork } from '../../../../../src/agents/claude-code/transcript/work.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-work-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NOTHING = { lastWords: null, openTodos: [], filesTouched: [] };
const assistant = (content: unknown, message = {}, line = {}) =>
  JSON.stringify({
    ...{ type: 'assistant', message: { model: 'claude-opus-4-7', content, ...message } },
    ...line,
  });
const text = (words: unknown) => ({ type: 'text', text: words });
const tool = (name: string, input: unknown) => ({ type: 'tool_use', id: 't', name, input });

function work(...lines: readonly string[]) {
  const path = join(folder, 's.jsonl');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return readWork(path);
}

test('last words, open todos and files written, and nothing that others wrote', () => {
  const found = work(
    JSON.stringify({ type: 'user', message: { role: 'user', content: 'SECRET prompt' } }),
    assistant([text('I begin.'), tool('Write', { file_path: '/r/a.ts' })]),
    assistant([tool('Edit', { file_path: '/r/b.ts', new_string: 'SECRET' })]),
    assistant([
      tool('TodoWrite', {
        todos: [
          { content: 'write a', status: 'completed' },
          { content: 'write b', status: 'in_progress' },
          { content: 'test', status: 'pending' },
        ],
      }),
    ]),
    assistant([text('Half done.'), tool('Edit', { file_path: '/r/a.ts' })]),
    JSON.stringify({ type: 'user', toolUseResult: 'SECRET result' }),
    '{"type":"assistant","message":{"content":[{"type":"text","text":"torn',
  );
  expect(found).toEqual({
    lastWords: 'Half done.',
    openTodos: ['write b', 'test'],
    filesTouched: ['/r/b.ts', '/r/a.ts'],
  });
  expect(JSON.stringify(found)).not.toContain('SECRET');
});

test('without a transcript there is nothing to tell', () => {
  expect(readWork(join(folder, 'none.jsonl'))).toEqual(NOTHING);
  expect(readWork(folder)).toEqual(NOTHING);
  expect(work()).toEqual(NOTHING);
});

describe('words', () => {
  test('are the last that are not blank, without space around them, 4000 letters at most', () => {
    expect(work(assistant([text(' one '), text('\n two\n')]), assistant([text('  ')]))).toEqual({
      ...{ ...NOTHING, lastWords: 'two' },
    });
    expect(work(assistant([text('x'.repeat(4_001))])).lastWords).toBe('x'.repeat(4_000));
  });

  test.each([
    ['of a type of their own', assistant([{ type: 'thinking', text: 'x' }])],
    ['no text', assistant([text(7)])],
    ['of an error of the API', assistant([text('x')], {}, { isApiErrorMessage: true })],
    ['of Claude Code itself', assistant([text('x')], { model: '<synthetic>' })],
    ['without blocks', assistant('x')],
    ['with blocks of no kind', assistant(['x', null, [text('x')]])],
    [
      'inside another line',
      JSON.stringify({
        type: 'user',
        of: { type: 'assistant' },
        message: { content: [text('x')] },
      }),
    ],
    ['without a message', JSON.stringify({ type: 'assistant' })],
    ['in a list', `[${assistant([text('x')])}]`],
  ])('%s are none', (_, line) => {
    expect(work(line)).toEqual(NOTHING);
  });
});

test('a line may be laid out in another way', () => {
  const spaced = assistant([text('x')]).replace('"type":"assistant"', '"type" : "assistant"');
  expect(work(spaced).lastWords).toBe('x');
});

describe('files', () => {
  test('are those of tools that write, newest last', () => {
    const { filesTouched } = work(
      assistant([tool('Write', { file_path: '/a' }), tool('MultiEdit', { file_path: '/b' })]),
      assistant([tool('NotebookEdit', { notebook_path: '/c.ipynb' })]),
      assistant([tool('Read', { file_path: '/no' }), tool('Write', { file_path: 7 })]),
      assistant([tool('Edit', { file_path: '/a' }), tool('Write', null)]),
      assistant([{ ...tool('Edit', { file_path: '/no' }), type: 'server_tool_use' }]),
    );
    expect(filesTouched).toEqual(['/b', '/c.ipynb', '/a']);
  });

  test('are the hundred newest', () => {
    const writes = Array.from({ length: 101 }, (_, index) =>
      tool('Write', { file_path: `/${index}` }),
    );
    const { filesTouched } = work(assistant(writes));
    expect(filesTouched).toHaveLength(100);
    expect([filesTouched[0], filesTouched.at(-1)]).toEqual(['/1', '/100']);
  });
});

describe('things to do', () => {
  const todos = (...list: readonly unknown[]) => assistant([tool('TodoWrite', { todos: list })]);

  test('are those of the last list, in its order', () => {
    const last = todos({ content: 'b' }, { content: 'c', status: 'pending' });
    expect(work(todos({ content: 'a' }), last).openTodos).toEqual(['b', 'c']);
    expect(work(todos({ content: 'a' }), todos()).openTodos).toEqual([]);
    expect(work(todos({ content: 'a' }), assistant([tool('TodoWrite', {})])).openTodos).toEqual([]);
  });

  test('are not what is done, deleted, or has no words', () => {
    const list = todos(
      ...[
        { content: 'a', status: 'completed' },
        { content: 'b', status: 'deleted' },
      ],
      ...[{ status: 'pending' }, { content: 7 }, 'c', null, { content: 'd' }],
    );
    expect(work(list).openTodos).toEqual(['d']);
  });

  test('are tasks too, by their number, until they are done', () => {
    const create = (subject: unknown) => tool('TaskCreate', { subject });
    const update = (taskId: unknown, status: string) => tool('TaskUpdate', { taskId, status });
    expect(
      work(
        assistant([create('one'), create(7), create('two'), create('three')]),
        assistant([update('1', 'completed'), update(2, 'in_progress'), update(3, 'deleted')]),
      ).openTodos,
    ).toEqual(['two']);
    const other = [tool('Plan', { subject: 'no' }), tool('Plan', { taskId: 1, status: 'deleted' })];
    expect(work(assistant([create('one'), ...other])).openTodos).toEqual(['one']);
  });

  test('are fifty at most', () => {
    const list = Array.from({ length: 51 }, (_, index) => ({ content: `${index}` }));
    expect(work(todos(...list)).openTodos).toHaveLength(50);
  });
});

test('only the last two megabytes are read', () => {
  const filler = assistant([text('y')], {}, { padding: 'x'.repeat(1024 * 1024) });
  const begin = assistant([tool('Write', { file_path: '/old' })]);
  expect(work(begin, filler).filesTouched).toEqual(['/old']);
  expect(work(begin, filler, filler).filesTouched).toEqual([]);
});
