// What a transcript shows of tools: who asked for which, and which of them have run.
import { describe, expect, test } from 'vitest';
import { toolSteps } from '../../../../../src/agents/claude-code/transcript/tool-steps.ts';

const AT = Date.UTC(2026, 10, 21, 12);
const timestamp = new Date(AT).toISOString();
const assistant = (content: unknown, message = {}, line = {}) =>
  `${JSON.stringify({ type: 'assistant', timestamp, message: { id: 'm1', content, ...message }, ...line })}\n`;
const user = (...content: readonly unknown[]) =>
  `${JSON.stringify({ type: 'user', timestamp, message: { content } })}\n`;
const use = (id: unknown, name: unknown = 'Bash') => ({ type: 'tool_use', id, name });
const result = (id: unknown, more = {}) => ({ type: 'tool_result', tool_use_id: id, ...more });
const steps = (text: string) => toolSteps(Buffer.from(text)).steps;
const response = { kind: 'response', at: AT, responseId: 'm1' };

describe('a response', () => {
  test('tells the calls it asked for, in order', () => {
    expect(steps(assistant([{ type: 'text' }, use('a'), use('b', 'ToolSearch')]))).toEqual([
      { kind: 'call', at: AT, responseId: 'm1', useId: 'a', isAsked: true },
      { kind: 'call', at: AT, responseId: 'm1', useId: 'b', isAsked: false },
    ]);
  });

  test.each([[[]], [[{ type: 'text', id: 'a' }]], ['words'], [[use(7)]], [[null, [use('a')]]]])(
    'without calls (%j) is one all the same',
    (content) => {
      expect(steps(assistant(content))).toEqual([response]);
    },
  );

  test.each([
    ...['Bash', 'PowerShell', 'Read', 'Write', 'Edit', 'NotebookEdit', 'Grep', 'Glob'],
    ...['WebFetch', 'Agent', 'Task', 'mcp__box__find'],
  ])('its hooks are always asked about %s', (name) => {
    expect(steps(assistant([use('a', name)]))).toMatchObject([{ isAsked: true }]);
  });

  test.each([['Bashful'], ['xBash'], ['mcp__'], ['TodoWrite'], [undefined], [7]])(
    'nobody knows of %j',
    (name) => {
      expect(steps(assistant([use('a', name ?? '')]))).toMatchObject([{ isAsked: false }]);
    },
  );

  test.each([
    ['of Claude Code itself', assistant([use('a')], { model: '<synthetic>' })],
    ['without an id', assistant([use('a')], { id: 7 })],
    ['without a message', assistant([], {}, { message: null })],
    ['in a line of another type', assistant([use('a')], {}, { type: 'progress', of: 'assistant' })],
    ['in a list', `[${assistant([use('a')]).trimEnd()}]\n`],
    ['that is torn', `${assistant([use('a')]).slice(0, -3)}\n`],
    ['of no line', 'null "assistant"\n'],
  ])('%s shows nothing', (_, text) => {
    expect(steps(text)).toEqual([]);
  });

  test('without a time says that it has none', () => {
    expect(steps(assistant([], {}, { timestamp: 7 }))).toEqual([{ ...response, at: Number.NaN }]);
  });
});

describe('a result', () => {
  test.each([
    [{}, true],
    [{ is_error: false }, true],
    [{ is_error: 'true' }, true],
    [{ is_error: true }, false],
    [{ is_error: true, content: 'Exit code 2\nno such file' }, true],
    [{ is_error: true, content: 'It ended with Exit code 2' }, false],
    [{ is_error: true, content: 'Exit code unknown' }, false],
    [{ is_error: true, content: [{ type: 'text', text: 'Exit code 1' }] }, true],
    [{ is_error: true, content: [{ type: 'text', text: 7 }] }, false],
    [{ is_error: true, content: [] }, false],
    [{ is_error: true, content: ['Exit code 1'] }, false],
  ])('%j: it has run: %s', (more, hasRun) => {
    expect(steps(user(result('a', more)))).toEqual([
      { kind: 'result', at: AT, useId: 'a', hasRun },
    ]);
  });

  test('of no call is none', () => {
    expect(steps(user(result(7), { type: 'text', tool_use_id: 'a' }, use('a')))).toEqual([]);
    expect(steps(user(result('a'), result('b')))).toMatchObject([{ useId: 'a' }, { useId: 'b' }]);
  });
});

describe('bytes', () => {
  test('are read up to the end of the last complete line', () => {
    const text = assistant([use('a')]) + user(result('a'));
    const whole = Buffer.from(text);
    expect(toolSteps(whole)).toMatchObject({
      ...{ consumedBytes: whole.length, steps: [{ kind: 'call' }, { kind: 'result' }] },
    });
    expect(toolSteps(whole.subarray(0, -1))).toMatchObject({
      ...{ consumedBytes: Buffer.byteLength(assistant([use('a')])), steps: [{ kind: 'call' }] },
    });
    expect(toolSteps(Buffer.from('{"type":'))).toEqual({ consumedBytes: 0, steps: [] });
    expect(toolSteps(new Uint8Array(Buffer.from(`é${text}`)).subarray(2)).steps).toHaveLength(2);
  });

  test('that cannot be read harm no other line', () => {
    expect(steps(`x\n\n{"message":"assistant"\n${user(result('a'))}`)).toHaveLength(1);
  });
});
