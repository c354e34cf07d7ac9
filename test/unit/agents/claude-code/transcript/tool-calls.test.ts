// The tool calls of a session, with what became of each.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readToolCalls } from '../../../../../src/agents/claude-code/transcript/tool-calls.ts';
import { agentId } from '../../../../../src/domain/ids.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-calls-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (...content: readonly unknown[]) => `${JSON.stringify({ message: { content } })}\n`;
const use = (id: unknown, name: unknown, input?: unknown) => ({
  type: 'tool_use',
  id,
  name,
  input,
});
const answer = (id: unknown, content?: unknown, more = {}) => ({
  ...{ type: 'tool_result', tool_use_id: id, content },
  ...more,
});

function callsOf(...lines: readonly string[]) {
  const path = join(folder, 's.jsonl');
  writeFileSync(path, lines.join(''));
  return readToolCalls(path);
}

test('a call has its tool, its file and, once it is answered, how it ended', () => {
  const calls = callsOf(
    line(use('a', 'Read', { file_path: '/r/a.ts' }), use('b', 'Bash', { command: 'ls' })),
    line(use('c', 'NotebookEdit', { notebook_path: '/r/c.ipynb' })),
    line(answer('a', 'äbc'), answer('b', [{ type: 'text', text: 'no' }], { is_error: true })),
  );
  expect(calls).toEqual([
    {
      ...{ tool: 'Read', file: '/r/a.ts', asked: '["Read",{"file_path":"/r/a.ts"}]' },
      ...{ failed: false, resultBytes: 4 },
    },
    {
      ...{ tool: 'Bash', file: null, asked: '["Bash",{"command":"ls"}]' },
      ...{ failed: true, resultBytes: '[{"type":"text","text":"no"}]'.length },
    },
    {
      ...{ tool: 'NotebookEdit', file: '/r/c.ipynb' },
      ...{ asked: '["NotebookEdit",{"notebook_path":"/r/c.ipynb"}]', failed: null, resultBytes: 0 },
    },
  ]);
});

test('fields of another type are absent', () => {
  const calls = callsOf(
    line(use('a', 7, 'x'), use(7, 'Bash'), use('b', 'Bash'), answer(7), answer('gone', 'x')),
    line(use('c', 'Read', { file_path: 7 }), use('d', 'Read', [{ file_path: '/x' }])),
    line(answer('b'), answer('c', null, { is_error: 'true' })),
  );
  expect(calls).toEqual([
    { tool: '', file: null, asked: '["","x"]', failed: null, resultBytes: 0 },
    { tool: 'Bash', file: null, asked: '["Bash",null]', failed: false, resultBytes: 2 },
    { tool: 'Read', file: null, asked: '["Read",{"file_path":7}]', failed: false, resultBytes: 2 },
    {
      tool: 'Read',
      file: null,
      asked: '["Read",[{"file_path":"/x"}]]',
      failed: null,
      resultBytes: 0,
    },
  ]);
});

test('a block of another type is neither a call nor an answer', () => {
  const calls = callsOf(
    line(use('a', 'Bash'), { type: 'text', id: 'b', name: 'Read' }),
    line({ ...answer('a', 'x'), type: 'text' }),
  );
  expect(calls).toMatchObject([{ tool: 'Bash', failed: null }]);
});

test('lines that cannot be read are passed over', () => {
  const calls = callsOf(
    '{"message":{"content":[{"type":"tool_use","id":"torn"\n',
    '"tool_use"\n',
    'null // "tool_use"\n',
    `${JSON.stringify({ message: { content: 'of "tool_use"', type: 'tool_use' } })}\n`,
    line(null, 'tool_use', [use('z', 'Bash')], { type: 'text' }),
    line(use('a', 'Bash')),
  );
  expect(calls.map(({ tool }) => tool)).toEqual(['Bash']);
});

test("subagents' calls follow; a transcript that is gone has none", () => {
  mkdirSync(join(folder, 's', 'subagents'), { recursive: true });
  writeFileSync(join(folder, 's', 'subagents', 'agent-1.jsonl'), line(use('a', 'Grep')));
  expect(readToolCalls(join(folder, 's.jsonl')).map(({ tool }) => tool)).toEqual(['Grep']);
  expect(callsOf(line(use('a', 'Bash'))).map(({ tool }) => tool)).toEqual(['Bash', 'Grep']);
  const only = readToolCalls(join(folder, 's.jsonl'), agentId('1'));
  expect(only.map(({ tool }) => tool)).toEqual(['Grep']);
});
