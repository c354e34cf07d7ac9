// What circuit breakers are shown of a thread: its calls with their results, its responses without tools, its prompts.
import { describe, expect, test } from 'vitest';
import { threadSteps } from '../../../../../src/agents/claude-code/transcript/thread-steps.ts';

const AT = Date.UTC(2026, 10, 28, 12);
const stamp = (second: number) => new Date(AT + second * 1_000).toISOString();
const line = (type: string, second: number, message: unknown, more = {}) =>
  JSON.stringify({ type, timestamp: stamp(second), message, ...more });

const use = (id: unknown, name: unknown = 'Bash', input: unknown = { command: 'ls' }) => ({
  ...{ type: 'tool_use', id, name, input },
});
const result = (id: unknown, content: unknown = 'ok', more = {}) => ({
  ...{ type: 'tool_result', tool_use_id: id, content },
  ...more,
});
const response = (id: unknown, second: number, content: unknown, message = {}, more = {}) =>
  line('assistant', second, { id, content, ...message }, more);
const results = (second: number, ...content: readonly unknown[]) =>
  line('user', second, { content });
const prompt = (content: unknown, more = {}) => line('user', 9, { content }, more);

const steps = (...lines: readonly string[]) => threadSteps(lines.join('\n'));
const kinds = (...lines: readonly string[]) => steps(...lines).map(({ kind }) => kind);

describe('calls', () => {
  test('of one response are one step once their results are there, in the order of the results', () => {
    const [only, ...rest] = steps(
      response('m1', 1, [{ type: 'text', text: 'x' }, use('a', 'Read', { file_path: '/r/a.ts' })]),
      response('m1', 2, [use('b')]),
      results(3, result('b', 'Exit code 1', { is_error: true })),
      results(4, result('a')),
    );
    expect(rest).toEqual([]);
    expect(only).toMatchObject({
      ...{ kind: 'calls', at: AT + 4_000 },
      calls: [
        { subject: 'Bash', kind: 'other', hasFailed: true },
        { subject: 'Read r/a.ts', kind: 'read', hasFailed: false },
      ],
    });
  });

  test('of two responses are two steps', () => {
    const both = steps(
      response('m1', 1, [use('a')]),
      results(2, result('a')),
      response('m2', 3, [use('b'), use('c')]),
      results(4, result('b'), result('c')),
    );
    expect(both.map((step) => [step.at, step.kind === 'calls' && step.calls.length])).toEqual([
      [AT + 2_000, 1],
      [AT + 4_000, 2],
    ]);
  });

  test('differ by what was asked and by what came back', () => {
    const facts = (input: unknown, content: unknown) => {
      const [step] = steps(
        response('m1', 1, [use('a', 'Bash', input)]),
        results(2, result('a', content)),
      );
      return step?.kind === 'calls' ? step.calls[0] : undefined;
    };
    const plain = facts({ command: 'ls' }, 'ok');
    expect(facts({ command: 'ls' }, [{ type: 'text', text: 'ok' }])).toEqual(plain);
    expect(facts({ command: 'pwd' }, 'ok')?.asked).not.toBe(plain?.asked);
    expect(facts({ command: 'ls' }, 'no')?.outcome).not.toBe(plain?.outcome);
  });

  test('have failed only where the result says so', () => {
    const hasFailed = (isError: unknown) => {
      const answer = result('a', 'x', { is_error: isError });
      return steps(response('m1', 1, [use('a')]), results(2, answer));
    };
    for (const isError of [undefined, false, 'true', 1])
      expect(hasFailed(isError)).toMatchObject([{ calls: [{ hasFailed: false }] }]);
    expect(hasFailed(true)).toMatchObject([{ calls: [{ hasFailed: true }] }]);
  });

  test('count once, by a result of a call that was asked for', () => {
    const found = steps(
      response('m1', 1, [use('a'), { ...use('b'), type: 'server_tool_use' }, use(7)]),
      results(2, result('a'), result('a'), result('b'), result(7), result('gone'), use('a')),
    );
    expect(found).toMatchObject([{ kind: 'calls', calls: [{ subject: 'Bash' }] }]);
  });

  test('without a result are no step, and end nothing', () => {
    expect(kinds(response('m1', 1, [use('a')]), response('m2', 2, [use('b')]))).toEqual([]);
    const late = [response('m1', 1, [use('a')]), response('m2', 2, [use('b')])];
    expect(steps(...late, results(3, result('a')))).toMatchObject([{ kind: 'calls' }]);
  });
});

describe('a response without tools', () => {
  test('is a step when something else follows it, or the transcript ends', () => {
    const words = [{ type: 'text', text: 'done' }];
    expect(steps(response('m1', 1, words), response('m1', 2, words))).toEqual([
      { kind: 'response', at: AT + 2_000, contextTokens: 0 },
    ]);
    expect(kinds(response('m1', 1, words), response('m2', 2, words))).toEqual([
      ...['response', 'response'],
    ]);
    expect(kinds(response('m1', 1, words), prompt('go on'))).toEqual(['response', 'prompt']);
  });

  test('is none where one of its lines asks for a tool', () => {
    expect(kinds(response('m1', 1, [use('a')]), response('m1', 2, []))).toEqual([]);
    expect(kinds(response('m1', 1, [use(7)]))).toEqual(['response']);
    expect(
      kinds(response('m1', 1, [use('a')]), results(2, result('a')), response('m2', 3, 'words')),
    ).toEqual(['calls', 'response']);
  });

  test.each([
    ['without an id', response(7, 1, [])],
    ['of Claude Code itself', response('m1', 1, [], { model: '<synthetic>' })],
    ['in a line of another type', line('progress', 1, { id: 'm1' }, { of: 'assistant' })],
    ['in a line that is torn', response('m1', 1, []).slice(0, -2)],
    ['in a line of nothing', 'null "assistant"'],
    ['nowhere', ''],
  ])('%s is none', (_, text) => {
    expect(steps(text)).toEqual([]);
  });
});

describe('a prompt', () => {
  test('is a step, and ends the response before it', () => {
    expect(steps(response('m1', 1, [use('a')]), results(2, result('a')), prompt('go on'))).toEqual([
      expect.objectContaining({ kind: 'calls', at: AT + 2_000 }),
      { kind: 'prompt', at: AT + 9_000, contextTokens: 0, isAttended: true },
    ]);
  });

  test('may be of words or of blocks', () => {
    const words = [{ type: 'text', text: 'see this' }, { type: 'image' }];
    expect(steps(prompt('go'), prompt(words))).toMatchObject([
      ...[{ isAttended: true }, { isAttended: true }],
    ]);
  });

  test.each([
    ['a notice of a task', prompt('\n<task-notification>done')],
    ['a notice of a task in a block', prompt([{ type: 'text', text: '<task-notification>' }])],
    ["one in a subagent's thread", prompt('go', { isSidechain: true })],
  ])('%s is one that no person gave', (_, text) => {
    expect(steps(text)).toMatchObject([{ kind: 'prompt', isAttended: false }]);
  });

  test('is neither what the client adds nor a result', () => {
    expect(kinds(prompt('caveat', { isMeta: true }))).toEqual([]);
    expect(kinds(results(1, result('gone')))).toEqual([]);
    expect(kinds(prompt('go', { isMeta: 'true', isSidechain: false }))).toEqual(['prompt']);
    expect(kinds(results(1, { ...result('a'), type: 'text' }))).toEqual(['prompt']);
  });
});

describe('the context', () => {
  const usage = {
    ...{ input_tokens: 1, cache_read_input_tokens: 20, cache_creation_input_tokens: 300 },
    output_tokens: 4_000,
  };

  test('is all that the last response was given', () => {
    expect(steps(response('m1', 1, [], { usage }), prompt('go'))).toMatchObject([
      { kind: 'response', contextTokens: 321 },
      { kind: 'prompt', contextTokens: 321 },
    ]);
  });

  test('is the one before where a line does not tell it', () => {
    const first = response('m1', 1, [], { usage });
    const untold = [{ input_tokens: '9' }, {}, null].map((none, index) =>
      response(`n${index}`, 2, [], { usage: none }),
    );
    expect(steps(first, ...untold).map(({ contextTokens }) => contextTokens)).toEqual([
      ...[321, 321, 321, 321],
    ]);
  });

  test('of calls is that of the response that asked for them', () => {
    const asked = response('m1', 1, [use('a')], { usage });
    expect(steps(asked, results(2, result('a')))).toMatchObject([{ contextTokens: 321 }]);
  });
});

test.each([['yesterday'], [7], [undefined]])(
  'a line without a time (%j) is of the time before it',
  (timestamp) => {
    const untimed = { timestamp };
    const answer = line('user', 0, { content: [result('a')] }, untimed);
    const asked = response('m1', 1, [use('a')]);
    expect(steps(asked, answer)).toMatchObject([{ at: AT + 1_000 }]);
    const [, ...after] = steps(asked, results(2, result('a')), response('m2', 0, [], {}, untimed));
    expect(after).toMatchObject([{ kind: 'response', at: AT + 2_000 }]);
    expect(steps(prompt('go', untimed))).toMatchObject([{ at: 0 }]);
  },
);
